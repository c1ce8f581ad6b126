// SPDX-License-Identifier: ISC
#include "model/policy.h"

#include "base/overloaded.h"
#include "model/config.h"

namespace iked {

std::string to_string(const HostSpec& host) {
  return std::visit(overloaded{
                        [](const AnyHost&) { return std::string("any"); },
                        [](const IpPrefix& prefix) { return to_string(prefix); },
                        [](const HostName& name) {
                          return name.length ? fmt::format("{}/{}", name.name, *name.length)
                                             : name.name;
                        },
                    },
                    host);
}

std::string to_string(const Config& config, const Location& where) {
  if (where.line == 0 || where.file >= config.files.size()) return "the configuration";
  return fmt::format("{}:{}", config.files[where.file], where.line);
}

}  // namespace iked
