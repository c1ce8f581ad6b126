// SPDX-License-Identifier: ISC
// Collects what is to be said about a configuration and makes it readable: the place, the source
// line, a caret under the word, what was expected. Rendering happens at the end, when it is known
// which parts of the files are secret: those are shown as ***.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/keeper.h"
#include "model/policy.h"

namespace iked::conf {

/// A byte of a file. `line` and `column` count from 1, a column is a byte.
struct Place {
  uint16_t file = 0;  // index into SourceFiles
  uint32_t line = 0;  // 0 = no place in a file
  uint32_t column = 0;
  size_t offset = 0;

  Location location() const { return {file, line, column}; }
};

struct SourceFile {
  std::string path;
  std::string_view text;
  std::optional<Place> included_from;
};
using SourceFiles = std::vector<SourceFile>;

/// Bytes [begin, end) of a file that no message may show.
struct SecretRange {
  uint16_t file = 0;
  size_t begin = 0;
  size_t end = 0;
};

/// What a message points at. Without a place the message is about the file as a whole.
struct Spot {
  Place place;
  size_t length = 1;            // bytes to underline
  bool keyword = false;         // a reserved word: may be shown even within a secret range
  std::string_view macro = {};  // the macro it came from; the place is that of "$macro"
};

/// True for words that announce a secret, and for misspelt ones: "psk", "pks", "PSK", "password".
bool announces_secret(std::string_view word);

/// Where in a word that announces a secret the secret itself begins, as in psk:abc; 0 if none does.
size_t secret_within(std::string_view word);

class Diagnostics {
 public:
  static constexpr size_t most_errors = 20;
  static constexpr size_t most_warnings = 100;

  explicit Diagnostics(const SourceFiles& files) : files_(files) {}

  /// `expected` is a line of its own, "expected " is put before it; `note` another one, as it is.
  void error(const Spot& spot, std::string message, std::string expected = {},
             std::string note = {});
  void warning(const Spot& spot, std::string message, std::string note = {});

  /// About a file that could not be read at all.
  void file_error(const std::string& path, const std::string& message);
  void file_warning(const std::string& path, const std::string& message);

  bool has_errors() const { return errors_ > 0; }
  size_t errors() const { return errors_; }
  /// All errors so far become warnings with this note.
  void forgive(const std::string& note);
  /// True when it makes no sense to look for more.
  bool full() const { return errors_ >= most_errors; }

  /// "FILE:LINE:COLUMN"
  std::string name_of(const Place& place) const;

  /// In the order in which they were found. `secrets` in any order.
  std::vector<Diagnostic> render(const std::vector<SecretRange>& secrets) const;

 private:
  struct Entry {
    Severity severity = Severity::error;
    Spot spot;
    std::string path;  // where there is no place in a file
    std::string message;
    std::string expected;
    std::string note;
  };
  void add(Entry entry);
  Diagnostic render(const Entry& entry, const std::vector<SecretRange>& secrets) const;

  const SourceFiles& files_;
  std::vector<Entry> entries_;
  size_t errors_ = 0;
  size_t warnings_ = 0;
};

}  // namespace iked::conf
