// SPDX-License-Identifier: ISC
#include "net/port_owner.h"

#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "base/sockaddr.h"

namespace iked::net {
namespace {

namespace fs = std::filesystem;

template <typename Number>
std::optional<Number> number(std::string_view digits, int base = 10) {
  Number value{};
  const auto [end, error] = std::from_chars(digits.begin(), digits.end(), value, base);
  if (error != std::errc{} || end != digits.end() || digits.empty()) return std::nullopt;
  return value;
}

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// The kernel prints an address as 32-bit words of its own byte order: "0100007F:01F4".
std::optional<Endpoint> parse_address(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon != 8 && colon != 32) return std::nullopt;
  Bytes octets;
  for (size_t at = 0; at < colon; at += 8) {
    const auto word = number<uint32_t>(text.substr(at, 8), 16);
    if (!word) return std::nullopt;
    uint8_t raw[sizeof *word];
    std::memcpy(raw, &*word, sizeof raw);
    append(octets, raw);
  }
  const auto address = IpAddress::from_octets(octets);
  const auto port = number<uint16_t>(text.substr(colon + 1), 16);
  if (!address || !port) return std::nullopt;
  return Endpoint{*address, *port};
}

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream in(line);
  return {std::istream_iterator<std::string>(in), {}};
}

bool holds_socket(const fs::path& process, const std::string& link) {
  std::error_code error;
  for (fs::directory_iterator fd(process / "fd", error), end; !error && fd != end;
       fd.increment(error)) {
    std::error_code gone;
    if (fs::read_symlink(fd->path(), gone) == link) return true;
  }
  return false;
}

void find_process(PortOwner& owner) {
  const std::string link = fmt::format("socket:[{}]", owner.inode);
  std::error_code error;
  for (fs::directory_iterator process("/proc", error), end; !error && process != end;
       process.increment(error)) {
    const auto pid = number<int>(process->path().filename().string());
    if (!pid || !holds_socket(process->path(), link)) continue;
    owner.pid = *pid;
    owner.program = read_file(process->path() / "comm");
    if (!owner.program.empty() && owner.program.back() == '\n') owner.program.pop_back();
    owner.program = printable(as_bytes(owner.program));
    return;
  }
}

}  // namespace

std::optional<PortOwner> find_in_table(std::string_view table, uint16_t port) {
  std::istringstream lines{std::string(table)};
  for (std::string line; std::getline(lines, line);) {
    // sl local remote st tx:rx tr:when retransmits uid timeout inode ...
    const std::vector<std::string> word = words_of(line);
    if (word.size() < 10) continue;
    const auto endpoint = parse_address(word[1]);
    const auto uid = number<uint32_t>(word[7]);
    const auto inode = number<uint64_t>(word[9]);
    if (!endpoint || endpoint->port != port || !uid || !inode) continue;
    return PortOwner{.endpoint = *endpoint, .uid = *uid, .inode = *inode};
  }
  return std::nullopt;
}

std::optional<PortOwner> find_port_owner(Family family, uint16_t port) {
  std::optional<PortOwner> owner;
  if (family == Family::v4) owner = find_in_table(read_file("/proc/net/udp"), port);
  // A socket for both families is listed with IPv6 only.
  if (!owner) owner = find_in_table(read_file("/proc/net/udp6"), port);
  if (owner) find_process(*owner);
  return owner;
}

std::string to_string(const PortOwner& owner) {
  if (!owner.pid) return fmt::format("a process of uid {} whose pid is hidden", owner.uid);
  return fmt::format("{} (pid {}, uid {})", owner.program, *owner.pid, owner.uid);
}

}  // namespace iked::net
