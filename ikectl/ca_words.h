// SPDX-License-Identifier: ISC
// The words and options behind `ikectl ca` and `ikectl show ca`. What they do is ca_run.cpp's.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "authority/authority.h"
#include "authority/failure.h"
#include "authority/names.h"

namespace iked::ikectl {

enum class CaAction {
  create,
  remove,
  install,
  export_files,
  renew_list,
  certificate_create,
  certificate_remove,
  certificate_install,
  certificate_export,
  certificate_revoke,
  key_create,
  key_remove,
  key_install,
  key_import,
  show,
};

struct CaCommand {
  CaAction action = CaAction::show;
  authority::CaName ca;
  std::optional<authority::Host> host = {};
  authority::Profile profile = authority::Profile::peer;
  std::string path = {};  // install, key import
  std::string peer = {};  // export
  authority::ExportFormat format = authority::ExportFormat::archive;
  std::optional<std::string> password = {};  // from the command line, where others can see it

  // Options.
  std::string root = {};       // before the default folders
  std::string ca_folder = {};  // in place of ROOT/etc/ssl
  std::string export_folder = ".";
  std::string password_file = {};
  authority::KeyType key_type = authority::KeyType::p256;
  std::optional<unsigned> days = {};
  std::string subject = {};
  std::vector<authority::Host> more_names = {};
  std::string crl_url = {};
  std::string ocsp_url = {};
  bool force = false;
  bool legacy = false;
};

/// The folder that has those of the authorities.
std::string folder_of_authorities(const std::string& root, const std::string& ca_folder);

/// Whether the words, which are those behind the options of ikectl, are for parse_ca_command.
bool is_ca_command(std::span<const std::string_view> words);

/// Options may stand anywhere behind `ca`. The failure is of kind usage and for the user's eyes:
/// what is wrong with which word, and the words that could stand there.
authority::Outcome<CaCommand> parse_ca_command(std::span<const std::string_view> words);

struct CaOption {
  std::string_view name;  // with its dashes
  bool has_value;
};
/// All options, for the completion of shells and the manual.
std::vector<CaOption> ca_options();

}  // namespace iked::ikectl
