// SPDX-License-Identifier: ISC
#include "model/distinguished_name.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>
#include <vector>

namespace iked {
namespace {

constexpr size_t most_attributes = 32;
constexpr size_t longest_name = 4096;

// Tags of DER (X.690) that occur in names.
constexpr uint8_t tag_oid = 0x06;
constexpr uint8_t tag_utf8 = 0x0c;
constexpr uint8_t tag_printable = 0x13;
constexpr uint8_t tag_teletex = 0x14;
constexpr uint8_t tag_ia5 = 0x16;
constexpr uint8_t tag_sequence = 0x30;
constexpr uint8_t tag_set = 0x31;

struct Attribute {
  std::string_view word;
  std::string_view oid;
  uint8_t tag = tag_utf8;  // RFC5280 4.1.2.4: UTF8String wherever there is a choice
};

constexpr std::array attributes = {
    Attribute{"CN", "2.5.4.3"},
    Attribute{"C", "2.5.4.6", tag_printable},
    Attribute{"ST", "2.5.4.8"},
    Attribute{"L", "2.5.4.7"},
    Attribute{"O", "2.5.4.10"},
    Attribute{"OU", "2.5.4.11"},
    Attribute{"emailAddress", "1.2.840.113549.1.9.1", tag_ia5},
    Attribute{"DC", "0.9.2342.19200300.100.1.25", tag_ia5},
    Attribute{"UID", "0.9.2342.19200300.100.1.1"},
    Attribute{"serialNumber", "2.5.4.5", tag_printable},
    Attribute{"SN", "2.5.4.4"},
    Attribute{"GN", "2.5.4.42"},
    Attribute{"title", "2.5.4.12"},
    Attribute{"street", "2.5.4.9"},
    Attribute{"postalCode", "2.5.4.17"},
    Attribute{"dnQualifier", "2.5.4.46", tag_printable},
};

bool same_letters(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

/// Tag, length and content.
Bytes tlv(uint8_t tag, ByteView content) {
  Bytes out = {tag};
  if (content.size() < 0x80) {
    out.push_back(static_cast<uint8_t>(content.size()));
  } else if (content.size() < 0x100) {
    out.insert(out.end(), {0x81, static_cast<uint8_t>(content.size())});
  } else {
    out.insert(out.end(), {0x82, static_cast<uint8_t>(content.size() >> 8),
                           static_cast<uint8_t>(content.size())});
  }
  out.insert(out.end(), content.begin(), content.end());
  return out;
}

/// "2.5.4.3" as the content of an OBJECT IDENTIFIER; nothing if it is none.
std::optional<Bytes> oid_octets(std::string_view text) {
  std::vector<uint32_t> parts;
  for (const char *at = text.data(), *end = at + text.size(); at != end;) {
    const auto [stop, error] = std::from_chars(at, end, parts.emplace_back());
    if (error != std::errc{} || (stop != end && (*stop != '.' || stop + 1 == end))) return {};
    // One spelling for each: "02" would make another attribute of one that has a word.
    if (*at == '0' && stop != at + 1) return {};
    at = stop == end ? end : stop + 1;
  }
  if (parts.size() < 2 || parts[0] > 2 || parts[1] > 39) return std::nullopt;
  parts[1] += parts[0] * 40;
  Bytes out;
  for (size_t i = 1; i < parts.size(); ++i) {
    for (int shift = 28; shift >= 0; shift -= 7) {
      const uint32_t rest = parts[i] >> shift;
      if (rest != 0 || shift == 0) {
        out.push_back(static_cast<uint8_t>((rest & 0x7f) | (shift != 0 ? 0x80U : 0U)));
      }
    }
  }
  return out;
}

/// The other way round; nothing for what does not fit.
std::optional<std::string> oid_text(ByteView octets) {
  std::string text;
  uint32_t number = 0;
  for (size_t i = 0; i < octets.size(); ++i) {
    if (number > UINT32_MAX >> 7 || (number == 0 && octets[i] == 0x80)) return std::nullopt;
    number = number << 7 | (octets[i] & 0x7fU);
    if ((octets[i] & 0x80) != 0) continue;
    if (text.empty() && number >= 120) return std::nullopt;
    text +=
        text.empty() ? fmt::format("{}.{}", number / 40, number % 40) : fmt::format(".{}", number);
    number = 0;
  }
  if (octets.empty() || (octets.back() & 0x80) != 0) return std::nullopt;
  return text;
}

bool fits(uint8_t tag, std::string_view value) {
  if (tag == tag_utf8) return true;
  return std::all_of(value.begin(), value.end(), [&](unsigned char c) {
    if (tag == tag_ia5) return c < 0x80;
    return std::isalnum(c) != 0 ||
           std::string_view(" '()+,-./:=?").find(static_cast<char>(c)) != std::string_view::npos;
  });
}

/// One SET of one attribute.
Result<Bytes> relative_name(std::string_view word, std::string_view value) {
  const auto* known = std::find_if(attributes.begin(), attributes.end(), [&](const Attribute& a) {
    return same_letters(a.word, word) || a.oid == word;
  });
  const Attribute attribute = known == attributes.end() ? Attribute{word, word} : *known;
  const auto oid = oid_octets(attribute.oid);
  if (!oid) {
    return fail("'{}' is no attribute of a distinguished name, such as CN, O or emailAddress",
                printable(as_bytes(word)));
  }
  if (value.empty()) return fail("'{}=' without a value", attribute.word);
  if (!fits(attribute.tag, value) || (attribute.word == "C" && value.size() != 2)) {
    return fail("'{}' cannot be the value of {}{}", printable(as_bytes(value)), attribute.word,
                attribute.word == "C" ? ", which is the two letters of a country" : "");
  }
  Bytes pair = tlv(tag_oid, *oid);
  const Bytes string = tlv(attribute.tag, as_bytes(value));
  pair.insert(pair.end(), string.begin(), string.end());
  return tlv(tag_set, tlv(tag_sequence, pair));
}

/// Reads a TLV of this tag (0 = any string) from the front of `in`.
std::optional<ByteView> take(ByteView& in, uint8_t tag) {
  if (in.size() < 2) return std::nullopt;
  const uint8_t found = in[0];
  const bool string =
      found == tag_utf8 || found == tag_printable || found == tag_teletex || found == tag_ia5;
  if (tag != 0 ? found != tag : !string) return std::nullopt;
  size_t length = in[1];
  size_t header = 2;
  if (length == 0x81 || length == 0x82) {
    header += length - 0x80;
    if (in.size() < header) return std::nullopt;
    length = header == 3 ? in[2] : static_cast<size_t>(in[2] << 8 | in[3]);
    if (length < (header == 3 ? 0x80U : 0x100U)) return std::nullopt;  // DER: the shortest form
  } else if (length >= 0x80) {
    return std::nullopt;
  }
  if (in.size() - header < length) return std::nullopt;
  const ByteView content = in.subspan(header, length);
  in = in.subspan(header + length);
  return content;
}

}  // namespace

Result<Bytes> distinguished_name(std::string_view text) {
  if (text.empty() || text.front() != '/') return fail("a distinguished name begins with '/'");
  Bytes names;
  size_t count = 0;
  for (size_t at = 0; at < text.size();) {
    ++at;  // the '/'
    const size_t equals = text.find_first_of("=/", at);
    if (equals == std::string_view::npos || text[equals] == '/') {
      return fail("'{}' in a distinguished name is not ATTRIBUTE=VALUE, such as CN=gw.example.com",
                  printable(as_bytes(text.substr(at, equals - at))));
    }
    std::string value;
    size_t end = equals + 1;
    for (; end < text.size() && text[end] != '/'; ++end) {
      const bool escaped = text[end] == '\\' && end + 1 < text.size() &&
                           (text[end + 1] == '/' || text[end + 1] == '\\');
      if (escaped) ++end;
      value += text[end];
    }
    auto one = relative_name(text.substr(at, equals - at), value);
    if (!one) return one;
    names.insert(names.end(), one->begin(), one->end());
    if (++count > most_attributes || names.size() > longest_name) {
      return fail("this distinguished name is too long");
    }
    at = end;
  }
  return tlv(tag_sequence, names);
}

Result<std::string> distinguished_name_text(ByteView der) {
  const auto bad = fail("not the DER of a distinguished name");
  auto names = take(der, tag_sequence);
  if (!names || !der.empty()) return bad;
  std::string text;
  while (!names->empty()) {
    auto set = take(*names, tag_set);
    if (!set || set->empty()) return bad;
    for (char before = '/'; !set->empty(); before = '+') {
      auto pair = take(*set, tag_sequence);
      const auto oid = pair ? take(*pair, tag_oid) : std::nullopt;
      const auto value = oid ? take(*pair, 0) : std::nullopt;
      const auto number = value && pair->empty() ? oid_text(*oid) : std::nullopt;
      if (!number) return bad;
      const auto* known = std::find_if(attributes.begin(), attributes.end(),
                                       [&](const Attribute& a) { return a.oid == *number; });
      text += before;
      text += known == attributes.end() ? *number : std::string(known->word);
      text += '=';
      for (const char c : as_text(*value)) {
        if (c == '/' || c == '\\') text += '\\';
        text += c;
      }
    }
  }
  return text;
}

}  // namespace iked
