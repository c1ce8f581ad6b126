// SPDX-License-Identifier: ISC
// Random configurations that use the whole language, always the same for a seed. Most are valid:
// only rules that concern several clauses at once are not kept to.
#pragma once

#include <fmt/format.h>

#include <initializer_list>
#include <random>
#include <string>

#include "conf/to_text.h"

namespace iked::conf::test {

class Generator {
 public:
  explicit Generator(uint64_t seed) : random_(seed) {}

  std::string config() {
    std::string text;
    for (size_t i = number(8); i > 0; --i) text += "set " + setting() + "\n";
    for (size_t i = number(3); i > 0; --i) {
      text += fmt::format("user {} {}\n", text_token(), text_token());
    }
    for (size_t i = 1 + number(3); i > 0; --i) text += policy();
    return text;
  }

 private:
  size_t number(size_t below) {
    return std::uniform_int_distribution<size_t>(0, below - 1)(random_);
  }
  bool one_in(size_t n) { return number(n) == 0; }
  std::string pick(std::initializer_list<const char*> words) {
    return *(words.begin() + number(words.size()));
  }
  std::string maybe(size_t n, std::initializer_list<const char*> words) {
    return one_in(n) ? pick(words) : std::string();
  }

  std::string setting() {
    switch (number(12)) {
      case 0:
        return fmt::format("dpd_check_interval {}", number(100000));
      case 1:
        return fmt::format("fragmentation_mtu {}", 576 + number(8641));
      case 2:
        return fmt::format("min_threads {}", 1 + number(4));
      case 3:
        return fmt::format("max_threads {}", pick({"0", "4", "256"}));
      case 4:
        return fmt::format("response_wait_time {}", 1 + number(3600));
      case 5:
        return fmt::format("cookie_threshold {}", number(4097));
      case 6:
        return fmt::format("retry {}{}", 1 + number(60), pick({"", " 60", " 10m", " 24h"}));
      case 7:
        return fmt::format("coexist {}", 5000 + number(60000));
      case 8:
        return pick({"logfile \"/var/log/iked.log\"", "logfile '/tmp/a \"b\"'",
                     "keystore \"pkcs11:token=iked;object=a\"",
                     "presharedfile \"/etc/iked/keys\""});
      case 9:
        return pick({"ocsp \"http://ocsp.example.com/\"",
                     "ocsp \"https://o.example.com/a?b=c\" tolerate 5m",
                     "ocsp 'http://o.example.com' tolerate 0 maxage 3h"});
      case 10:
        return pick({"certpolicy strict", "certpolicy ignore_date",
                     "certpolicy ignore_unknown_eku ignore_date", "ipv6block auto",
                     "ipv6block always", "ipv6block never", "ignore_errors no",
                     "ignore_errors yes"});
      default:
        return pick({"active", "passive", "couple", "decouple", "fragmentation", "nofragmentation",
                     "mobike", "nomobike", "vendorid", "novendorid", "enforcesingleikesa",
                     "noenforcesingleikesa", "stickyaddress", "nostickyaddress",
                     "cert_partial_chain"});
    }
  }

  std::string text_token() {
    constexpr std::string_view letters = "ab \t\"'\\#${}/,7\xfc";
    std::string text(1, 'n');
    for (size_t i = number(12); i > 0; --i) text += letters[number(letters.size())];
    return in_quotes(text);
  }
  std::string address(bool v6) {
    const size_t length = number(v6 ? 129 : 33);
    const std::string a =
        v6 ? fmt::format("2001:db8:{:x}::{:x}", number(65536), number(65536))
           : fmt::format("{}.{}.{}.{}", number(256), number(256), number(256), number(256));
    return one_in(3) ? a : fmt::format("{}/{}", a, length);
  }
  std::string host(bool v6) {
    if (one_in(8)) return "any";
    if (one_in(10)) return "dynamic";
    if (one_in(6)) return pick({"gw.example.com", "eth0", "\"esp\"", "lan-1/24", "\"set/16\""});
    return address(v6);
  }
  std::string from(bool v6) {
    const std::string nat = one_in(5) ? fmt::format(" ({})", address(v6)) : "";
    const std::string port = one_in(3) ? fmt::format(" port {}", number(65536)) : "";
    return host(v6) + (one_in(2) ? nat + port : port + nat);
  }
  std::string to(bool v6) {
    return host(v6) + (one_in(3) ? fmt::format(" port {}", number(65536)) : "");
  }
  std::string flow() {
    const bool v6 = one_in(3);
    return one_in(2) ? " from " + from(v6) + " to " + to(v6)
                     : " to " + to(v6) + " from " + from(v6);
  }
  std::string transforms(bool ike) {
    const bool aead = one_in(2);
    std::string text;
    for (size_t i = number(3); i > 0; --i) {
      text += aead ? pick({" enc aes-256-gcm", " enc aes-128-gcm", " enc chacha20-poly1305"})
                   : pick({" enc aes-128", " enc aes-192", " enc aes-256"});
    }
    const bool plain = !aead || text.empty();
    for (size_t i = plain ? number(3) : 0; i > 0; --i)
      text += pick({" auth hmac-sha2-256", " auth hmac-sha2-512"});
    for (size_t i = number(3); i > 0; --i)
      text += pick({" group grp14", " group ecp256", " group curve25519", " group ec384"});
    if (ike && one_in(2)) text += pick({" prf hmac-sha2-256", " prf hmac-sha2-384"});
    if (!ike && one_in(3)) text += pick({" group none", " esn", " noesn", " esn noesn"});
    if (text.empty()) text = " enc aes-256-gcm";
    return text;
  }
  std::string id() {
    if (one_in(2)) return text_token();
    return pick({"a.example.com", "u@example.com", "192.0.2.7", "::1", "\"/CN=a\"",
                 "\"/C=DE/O=a b/CN=x\\/y/emailAddress=u@example.com\"", "\"/1.2.3.4=\xc3\xbc\""});
  }
  std::string auth() {
    return one_in(2) ? fmt::format(" psk \"key number {}\"", number(4))
                     : pick({"", " rsa", " ecdsa256", " ecdsa384", " ecdsa521", " eddsa", " dsa",
                             " rfc7427", " signature", " eap \"mschap-v2\"", " eap MD5",
                             " psk 0x6b65792031"});
  }
  std::string option() {
    const bool request = one_in(2);
    const std::string any = one_in(2) ? "any" : "10.9.0.1";
    const std::string word = pick({" address", " name-server", " netbios-server", " dhcp-server",
                                   " protected-subnet", " access-server"});
    if (request) return " request" + word + " " + any;
    if (one_in(4)) return " config netmask 255.255.128.0";
    return " config" + word + " " + pick({"10.9.0.1", "2001:db8::53", "pool.example.com"});
  }
  std::string policy() {
    std::string text = "ikev2";
    if (one_in(2)) text += " " + text_token();
    text += maybe(3, {" quick", " skip", " default"});
    const bool active = one_in(4);
    text += active ? std::string(" active") : maybe(3, {" passive"});
    text += maybe(5, {" ipcomp"}) + maybe(3, {" tunnel", " transport"}) + maybe(4, {" natt"});
    text += maybe(3, {" esp"}) + maybe(8, {" inet"});
    text += maybe(3, {" proto tcp", " proto { udp, tcp }", " proto 50", " proto {1 2 3}"});
    if (one_in(6)) text += fmt::format(" rdomain {}", number(1000));
    for (size_t i = 1 + number(3); i > 0; --i) text += flow() + (i > 1 ? maybe(2, {","}) : "");
    text += " peer " + (active ? pick({"192.0.2.2", "gw.example.com", "fe80::1%eth0"})
                               : pick({"any", "192.0.2.2", "gw.example.com", "198.51.100.0/24"}));
    if (one_in(2)) text += " local " + pick({"any", "192.0.2.1", "eth0"});
    for (size_t i = number(3); i > 0; --i) text += " ikesa" + transforms(true);
    for (size_t i = number(3); i > 0; --i) text += " childsa" + transforms(false);
    if (one_in(2)) text += " srcid " + id();
    if (one_in(2)) text += " dstid " + id();
    if (one_in(3)) text += " ikelifetime " + pick({"0", "3600", "2h", "90m"});
    if (one_in(3))
      text += " lifetime " + pick({"0", "3600", "2h bytes 5", "90m bytes 10G", "1 bytes 0"});
    text += auth();
    for (size_t i = number(4); i > 0; --i) text += option();
    text += maybe(5, {" iface ipsec0", " iface \"a-b\"", " iface \"esp\""});
    if (one_in(4)) text += " tag " + text_token();
    text += maybe(5, {" tag ipsec-$domain", " tag \"$name/$id $eapid\""});
    if (one_in(6)) text += fmt::format(" tap enc{}", number(100));
    return text + "\n";
  }

  std::mt19937_64 random_;
};

}  // namespace iked::conf::test
