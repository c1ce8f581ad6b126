// SPDX-License-Identifier: ISC
// The way into this folder: the text of iked.conf(5) becomes a model Config, its secrets go to the
// SecretStore, and whatever is wrong comes back as diagnostics that are ready to print.
#pragma once

#include <map>
#include <string>

#include "conf/environment.h"
#include "model/keeper.h"

namespace iked::conf {

struct ParseRequest {
  std::string path;                           // of the top file
  std::map<std::string, std::string> macros;  // of the command line: they win over the file
  std::string host_name;                      // who we are where a policy has no srcid
};

/// Parses the file and what it includes. All statements are looked at, also after an error; the
/// result has a Config only without errors. No diagnostic shows a secret.
LoadResult parse(const ParseRequest& request, Environment& environment, SecretStore& secrets,
                 const Catalogue& catalogue);

}  // namespace iked::conf
