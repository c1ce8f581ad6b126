// SPDX-License-Identifier: ISC
#include "model/policy.h"

#include "base/overloaded.h"
#include "model/config.h"

namespace iked {

std::string to_string(const HostSpec& host) {
  return std::visit(overloaded{
                        [](const AnyHost&) { return std::string("any"); },
                        [](const DynamicHost&) { return std::string("dynamic"); },
                        [](const IpPrefix& prefix) { return to_string(prefix); },
                        [](const HostName& name) {
                          return name.length ? fmt::format("{}/{}", name.name, *name.length)
                                             : name.name;
                        },
                    },
                    host);
}

std::string to_string(SignatureKind kind) {
  switch (kind) {
    case SignatureKind::any:
      return "signature";
    case SignatureKind::rsa:
      return "rsa";
    case SignatureKind::ecdsa256:
      return "ecdsa256";
    case SignatureKind::ecdsa384:
      return "ecdsa384";
    case SignatureKind::ecdsa521:
      return "ecdsa521";
    case SignatureKind::eddsa:
      return "eddsa";
    case SignatureKind::dsa:
      return "dsa";
    case SignatureKind::rfc7427:
      break;
  }
  return "rfc7427";
}

std::string to_string(EapMethod method) {
  return method == EapMethod::mschap_v2 ? "mschap-v2" : "md5";
}

std::string to_string(ConfigKind kind) {
  switch (kind) {
    case ConfigKind::address:
      return "address";
    case ConfigKind::netmask:
      return "netmask";
    case ConfigKind::name_server:
      return "name-server";
    case ConfigKind::netbios_server:
      return "netbios-server";
    case ConfigKind::dhcp_server:
      return "dhcp-server";
    case ConfigKind::protected_subnet:
      return "protected-subnet";
    case ConfigKind::access_server:
      break;
  }
  return "access-server";
}

bool can_authenticate(const Policy& policy) {
  return !std::holds_alternative<EapAuth>(policy.auth);
}

std::string to_string(const Config& config, const Location& where) {
  if (where.line == 0 || where.file >= config.files.size()) return "the configuration";
  return fmt::format("{}:{}", config.files[where.file], where.line);
}

}  // namespace iked
