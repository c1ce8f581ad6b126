// SPDX-License-Identifier: ISC
#include "ikectl/ca_run.h"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>

#include "authority/authority.h"
#include "authority/files.h"
#include "ikectl/ca_words.h"
#include "ikectl/text.h"

namespace iked::ikectl {
namespace {

using authority::ActiveFolder;
using authority::Authority;
using authority::Failure;
using authority::Operator;
using authority::Outcome;
using authority::pass;
using authority::Passphrase;
using authority::Pkcs12Strength;
using authority::Question;

int exit_code(Failure::Kind kind) {
  switch (kind) {
    case Failure::Kind::failed:
      return 1;
    case Failure::Kind::usage:
      return 2;
    case Failure::Kind::not_found:
      return 4;
    case Failure::Kind::denied:
      return 5;
  }
  return 1;
}

bool agreed_on_terminal(const std::string& what) {
  fmt::print(stderr, "{}? [y/N] ", clean(what));
  fflush(stderr);
  char answer[16] = "";
  if (fgets(answer, sizeof answer, stdin) == nullptr) return false;
  return answer[0] == 'y' || answer[0] == 'Y';
}

Outcome<Passphrase> passphrase_for(const CaCommand& command, const std::string& prompt,
                                   bool is_new) {
  if (command.password) {
    fmt::print(stderr,
               "ikectl: a passphrase on the command line can be seen by others; use "
               "--password-file\n");
    return Passphrase::make(as_bytes(*command.password));
  }
  if (!command.password_file.empty()) return authority::passphrase_from_file(command.password_file);
  return authority::passphrase_from_terminal(prompt, is_new);
}

Operator operator_for(const CaCommand& command, bool quiet) {
  Operator user;
  user.now = std::time(nullptr);
  user.say = [](const std::string& line) {
    fmt::print("{}\n", clean(line, true));
    fflush(stdout);
  };
  user.has_passphrase = command.password || !command.password_file.empty() || !quiet;
  user.passphrase = [&command](const std::string& prompt, bool is_new) {
    return passphrase_for(command, prompt, is_new);
  };
  user.agrees = [&command, quiet](Question question, const std::string& what) {
    if (command.force) return true;
    // Scripts for OpenIKED's ikectl delete without a question, and never mean to overwrite.
    if (quiet || isatty(STDIN_FILENO) == 0) return question == Question::destroy;
    return agreed_on_terminal(what);
  };
  return user;
}

ActiveFolder active_folder(const CaCommand& command) {
  ActiveFolder folder;
  folder.path = command.path.empty() ? command.root + "/etc/iked" : command.path;
  // Below another root the groups are another system's.
  if (command.root.empty()) folder.key_group = authority::group_for_root(authority::keeper_group);
  return folder;
}

authority::NewAuthority new_authority(const CaCommand& command) {
  authority::NewAuthority wanted{.terms = {.common_name = command.ca.text()}};
  wanted.terms.subject = command.subject;
  wanted.terms.days = command.days.value_or(wanted.terms.days);
  wanted.key_type = command.key_type;
  return wanted;
}

authority::CertificateTerms certificate_terms(const CaCommand& command) {
  authority::CertificateTerms terms{.host = *command.host};
  terms.more_names = command.more_names;
  terms.profile = command.profile;
  terms.subject = command.subject;
  terms.days = command.days.value_or(terms.days);
  terms.crl_url = command.crl_url;
  terms.ocsp_url = command.ocsp_url;
  return terms;
}

authority::ExportTerms export_terms(const CaCommand& command) {
  return {.folder = command.export_folder,
          .format = command.format,
          .peer = command.peer,
          .strength = command.legacy ? Pkcs12Strength::legacy : Pkcs12Strength::modern};
}

Outcome<void> carry_out(const CaCommand& command, const Operator& user) {
  const std::string base = folder_of_authorities(command.root, command.ca_folder);
  if (command.action == CaAction::create) {
    return Authority::create(base, command.ca, new_authority(command), user);
  }
  auto ca = Authority::open(base, command.ca, user);
  if (!ca) return pass(ca);
  switch (command.action) {
    case CaAction::create:
      break;
    case CaAction::remove:
      return ca->remove(user);
    case CaAction::install:
      return ca->install(active_folder(command), user);
    case CaAction::export_files:
      return ca->export_authority(export_terms(command), user);
    case CaAction::renew_list:
      return ca->renew_list(user);
    case CaAction::certificate_create:
      return ca->create_certificate(certificate_terms(command), command.key_type, user);
    case CaAction::certificate_remove:
      return ca->remove_certificate(*command.host, user);
    case CaAction::certificate_install:
      return ca->install_certificate(*command.host, active_folder(command), user);
    case CaAction::certificate_export:
      return ca->export_certificate(*command.host, export_terms(command), user);
    case CaAction::certificate_revoke:
      return ca->revoke(*command.host, user);
    case CaAction::key_create:
      return ca->create_key(*command.host, command.key_type, user);
    case CaAction::key_remove:
      return ca->remove_key(*command.host, user);
    case CaAction::key_install:
      return ca->install_key(*command.host, active_folder(command), user);
    case CaAction::key_import:
      return ca->import_key(*command.host, command.path, user);
    case CaAction::show:
      return command.host ? ca->show(*command.host, user) : ca->show(user);
  }
  return {};
}

}  // namespace

int run_ca(std::span<const std::string_view> words, bool quiet) {
  prctl(PR_SET_DUMPABLE, 0);  // private keys and passphrases are in this process
  const auto command = parse_ca_command(words);
  if (!command) {
    fmt::print(stderr, "{}\n", clean(command.error().text, true));
    return exit_code(command.error().kind);
  }
  const auto done = carry_out(*command, operator_for(*command, quiet));
  if (fflush(stdout) != 0 || ferror(stdout) != 0) {
    perror("ikectl: standard output");
    return 1;
  }
  if (!done) {
    fmt::print(stderr, "ikectl: {}\n", clean(done.error().text, true));
    return exit_code(done.error().kind);
  }
  return 0;
}

}  // namespace iked::ikectl
