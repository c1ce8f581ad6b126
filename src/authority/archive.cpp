// SPDX-License-Identifier: ISC
#include "authority/archive.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace iked::authority {
namespace {

constexpr size_t block = 512;
constexpr size_t longest_name = 100;

uint32_t crc32(ByteView octets) {
  uint32_t crc = 0xffffffff;
  for (const uint8_t octet : octets) {
    crc ^= octet;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (0xedb88320 & (0 - (crc & 1)));
  }
  return ~crc;
}

/// Digits that fill a field of the header but for the NUL at its end.
void octal(std::span<uint8_t> field, uint64_t number) {
  for (size_t i = field.size() - 1; i-- > 0; number >>= 3) {
    field[i] = static_cast<uint8_t>('0' + (number & 7));
  }
}

}  // namespace

void Archive::put(ByteView octets) {
  tar_.insert(tar_.end(), octets.begin(), octets.end());
  tar_.resize((tar_.size() + block - 1) / block * block);
}

void Archive::header(std::string path, size_t size, unsigned mode, char type) {
  if (path.size() > longest_name) {
    // As GNU tar does it: an entry of type L whose content is the name of the next one.
    header("././@LongLink", path.size() + 1, 0, 'L');
    path.push_back('\0');
    put(as_bytes(path));
    path.resize(longest_name);
  }
  std::array<uint8_t, block> fields{};
  const std::span<uint8_t> all(fields);
  std::ranges::copy(path, all.begin());
  octal(all.subspan(100, 8), mode);
  octal(all.subspan(108, 8), 0);
  octal(all.subspan(116, 8), 0);
  octal(all.subspan(124, 12), size);
  octal(all.subspan(136, 12), static_cast<uint64_t>(mtime_));
  std::ranges::fill(all.subspan(148, 8), uint8_t{' '});
  fields[156] = static_cast<uint8_t>(type);
  std::ranges::copy(std::string_view("ustar  "), all.subspan(257).begin());
  std::ranges::copy(group_, all.subspan(297, 32).begin());
  uint64_t sum = 0;
  for (const uint8_t octet : fields) sum += octet;
  octal(all.subspan(148, 7), sum);
  put(fields);
}

void Archive::add(const std::string& path, ByteView content, unsigned mode) {
  header(path, content.size(), mode, '0');
  put(content);
}

void Archive::add_directory(const std::string& path, unsigned mode) {
  header(path + "/", 0, mode, '5');
}

SecretBytes Archive::finish() const {
  Octets tar = tar_;
  tar.resize(tar.size() + 2 * block);  // the end is two empty blocks
  // RFC1952 2.3: no name, no time.
  Octets zipped{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255};
  const auto little = [&](uint32_t number, int octets) {
    for (int i = 0; i < octets; ++i) zipped.push_back(static_cast<uint8_t>(number >> 8 * i));
  };
  // RFC1951 3.2.4: blocks without compression.
  for (ByteView rest = tar; !rest.empty();) {
    const ByteView part = rest.first(std::min<size_t>(rest.size(), 0xffff));
    rest = rest.subspan(part.size());
    const auto length = static_cast<uint32_t>(part.size());
    zipped.push_back(rest.empty() ? 1 : 0);
    little(length, 2);
    little(~length, 2);
    zipped.insert(zipped.end(), part.begin(), part.end());
  }
  little(crc32(tar), 4);
  little(static_cast<uint32_t>(tar.size()), 4);
  return SecretBytes(zipped);
}

}  // namespace iked::authority
