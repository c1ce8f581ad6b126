// SPDX-License-Identifier: ISC
#include "conf/excerpt.h"

#include <algorithm>

namespace iked::conf {
namespace {

// Bytes shown before and after the spot; configuration lines are rarely longer.
constexpr size_t window_before = 90;
constexpr size_t window_after = 90;
constexpr size_t longest_underline = 90;
// Further into a line nothing is shown, because it would take long to know what is secret.
constexpr size_t longest_search = 65536;

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

bool ends_word(char c) {
  return is_blank(c) || c == '"' || c == '\'' || c == '=' || c == '#' || c == '$' || c == '\\' ||
         c == '/' || c == ':';
}

/// Where, in `line`, what follows a word that announces a secret begins; the line's end if no word
/// does.
size_t announced_secret(std::string_view line) {
  size_t begin = 0;
  for (size_t i = 0; i <= line.size(); ++i) {
    if (i < line.size() && !ends_word(line[i])) continue;
    if (announces_secret(line.substr(begin, i - begin))) {
      while (i < line.size() && (is_blank(line[i]) || line[i] == '=' || line[i] == ':')) ++i;
      // Where the key is read from is no secret.
      if (line.substr(i).starts_with("file "))
        i += 4;
      else
        return i;
    }
    begin = i + 1;
  }
  return line.size();
}

/// Length of the valid UTF-8 sequence of a printable character at the beginning of `text`, or 0.
size_t utf8_length(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t lead = byte(0);
  const size_t length = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  if (length == 0 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  if (lead == 0xc2 && byte(1) < 0xa0) return 0;                        // terminal controls
  if (lead == 0xe0 && byte(1) < 0xa0) return 0;                        // overlong
  if (lead == 0xe2 && (byte(1) == 0x80 || byte(1) == 0x81)) return 0;  // changes of direction
  if (text.starts_with("\xef\xbb\xbf")) return 0;                      // byte order mark
  if (lead == 0xed && byte(1) > 0x9f) return 0;                        // surrogates
  if (lead == 0xf0 && byte(1) < 0x90) return 0;                        // overlong
  return length;
}

/// Writes the source line and the caret line side by side.
class Pair {
 public:
  void text(std::string_view shown, char below) {
    source_ += shown;
    caret_ += below;
  }
  void text(std::string_view shown, std::string_view below) {
    source_ += shown;
    caret_ += below;
  }
  std::string finish() {
    caret_.erase(caret_.find_last_not_of(" \t") + 1);
    return fmt::format("  {}\n  {}", source_, caret_);
  }

 private:
  std::string source_;
  std::string caret_;
};

class Masks {
 public:
  /// `line` need not go further than what is shown.
  Masks(std::string_view line, size_t line_begin, const Spot& spot,
        const std::vector<SecretRange>& secrets)
      : announced_(line_begin) {
    for (const SecretRange& range : secrets) {
      if (range.file == spot.place.file && range.begin < line_begin + line.size() &&
          range.end > line_begin) {
        ranges_.push_back(range);
      }
    }
    if (line.size() <= longest_search) announced_ += first_unknown_end(line, line_begin);
    if (spot.keyword)
      shown_ = {spot.place.file, spot.place.offset, spot.place.offset + spot.length};
  }

  bool hides(size_t offset) const {
    if (offset >= shown_.begin && offset < shown_.end) return false;
    if (offset >= announced_) return true;
    return std::any_of(ranges_.begin(), ranges_.end(), [offset](const SecretRange& range) {
      return offset >= range.begin && offset < range.end;
    });
  }

 private:
  /// Where the first secret of `line` begins of which the lexer does not know the end.
  size_t first_unknown_end(std::string_view line, size_t line_begin) const {
    for (size_t from = 0;;) {
      const size_t begin = from + announced_secret(line.substr(from));
      const auto known =
          std::find_if(ranges_.begin(), ranges_.end(), [&](const SecretRange& range) {
            return range.begin <= line_begin + begin && range.end > line_begin + begin &&
                   range.end < line_begin + line.size();
          });
      if (known == ranges_.end()) return begin;
      from = known->end - line_begin;
    }
  }

  size_t announced_;
  SecretRange shown_;
  std::vector<SecretRange> ranges_;
};

}  // namespace

std::string excerpt(std::string_view text, const Spot& spot,
                    const std::vector<SecretRange>& secrets) {
  const size_t offset = std::min(spot.place.offset, text.size());
  const size_t newline_before = offset == 0 ? std::string_view::npos : text.rfind('\n', offset - 1);
  const size_t begin = newline_before == std::string_view::npos ? 0 : newline_before + 1;
  const size_t end = std::min(text.find('\n', offset), text.size());
  const size_t spot_end = std::min(offset + std::clamp<size_t>(spot.length, 1, longest_underline),
                                   std::max(end, offset + 1));
  const size_t from = offset - begin > window_before ? offset - window_before : begin;
  const size_t to = std::min(end, spot_end + window_after);
  const Masks masks(text.substr(begin, to - begin), begin, spot, secrets);

  Pair pair;
  if (from > begin) pair.text("...", "   ");
  for (size_t at = from; at < to;) {
    const char below = at == offset ? '^' : at > offset && at < spot_end ? '~' : ' ';
    if (masks.hides(at)) {
      // Blanks at its edges tell nothing and keep the words apart.
      if (is_blank(text[at])) {
        pair.text(" ", below);
        ++at;
        continue;
      }
      size_t last = at;
      while (last < to && masks.hides(last)) ++last;
      while (is_blank(text[last - 1])) --last;
      pair.text("***", offset >= at && offset < last ? "^~~" : "   ");
      at = last;
      continue;
    }
    const char c = text[at];
    const size_t length =
        static_cast<uint8_t>(c) >= 0x80 ? utf8_length(text.substr(at, to - at)) : 1;
    if (c == '\t')
      pair.text("\t", below == ' ' ? '\t' : below);
    else if (length == 0 || static_cast<uint8_t>(c) < 0x20 || c == 0x7f)
      pair.text("?", below);
    else
      pair.text(text.substr(at, length), below);
    at += std::max<size_t>(length, 1);
  }
  if (to < end) pair.text("...", "   ");
  if (offset >= to) pair.text("", '^');
  return pair.finish();
}

}  // namespace iked::conf
