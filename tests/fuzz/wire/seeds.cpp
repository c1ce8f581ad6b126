// SPDX-License-Identifier: ISC
// Makes the seeds of the wire_* fuzz targets out of the messages that the tests use.
#include <filesystem>
#include <fstream>
#include <map>

#include "wire/samples.h"

namespace iked::wire {
namespace {

namespace fs = std::filesystem;

const std::map<PayloadType, std::string> targets = {
    {PayloadType::SA, "wire_sa"},           {PayloadType::KE, "wire_ke"},
    {PayloadType::IDi, "wire_id"},          {PayloadType::IDr, "wire_id"},
    {PayloadType::AUTH, "wire_auth"},       {PayloadType::NONCE, "wire_nonce"},
    {PayloadType::NOTIFY, "wire_notify"},   {PayloadType::DELETE, "wire_delete"},
    {PayloadType::VENDOR, "wire_vendor"},   {PayloadType::TSi, "wire_ts"},
    {PayloadType::TSr, "wire_ts"},          {PayloadType::CERT, "wire_cert"},
    {PayloadType::CERTREQ, "wire_certreq"}, {PayloadType::CP, "wire_cp"},
    {PayloadType::EAP, "wire_eap"},
};

void write(const fs::path& file, ByteView octets) {
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << as_text(octets);
}

// What fuzz/wire/sealed.cpp takes for octets that a peer sealed, for each suite.
void write_sealed(const fs::path& corpus, const Sample& sample, ByteView datagram) {
  for (uint8_t suite = 0; suite < 4; ++suite) {
    Bytes input = {suite, datagram[16]};
    append(input, datagram.subspan(Header::size));
    size_t padding = 15 - (input.size() - 2) % 16;
    input.resize(input.size() + padding);
    input.push_back(static_cast<uint8_t>(padding));
    write(corpus / "wire_sealed" / (sample.name + std::to_string(suite)), input);
  }
}

// What fuzz/wire/skf.cpp takes: for payloads that come in parts, for a fragment of a peer, and for
// one of a stranger.
void write_fragments(const fs::path& corpus, const Sample& sample, ByteView datagram) {
  const ByteView chain = datagram.subspan(Header::size);
  for (uint8_t suite = 0; suite < 4; ++suite) {
    Bytes parts = {suite, 63, datagram[16]};
    append(parts, chain);
    write(corpus / "wire_skf" / (sample.name + std::to_string(suite)), parts);
  }
  Bytes peer = {0x40, datagram[16], 0, 1, 0, 2};
  append(peer, chain);
  peer.push_back(0);
  write(corpus / "wire_skf" / (sample.name + "_peer"), peer);
  Bytes stranger = {0x80};
  append(stranger, datagram.first(Header::size));
  stranger[1 + 16] = static_cast<uint8_t>(PayloadType::SKF);
  const size_t skf = 8 + chain.size() + 40;
  append(stranger, Bytes{datagram[16], 0, static_cast<uint8_t>(skf >> 8), static_cast<uint8_t>(skf),
                         0, 1, 0, 2});
  append(stranger, chain);
  stranger.resize(stranger.size() + 40);
  write(corpus / "wire_skf" / (sample.name + "_stranger"), stranger);
}

void write_all(const fs::path& corpus) {
  for (const Sample& sample : all_samples()) {
    const Bytes datagram = encode_message(sample.header, sample.payloads);
    write(corpus / "wire_message" / sample.name, datagram);
    write_sealed(corpus, sample, datagram);
    write_fragments(corpus, sample, datagram);
    for (size_t i = 0; i < sample.payloads.size(); ++i) {
      const auto target = targets.find(type_of(sample.payloads[i]));
      if (target == targets.end()) continue;
      Bytes body;
      encode_body(sample.payloads[i], body);
      write(corpus / target->second / (sample.name + std::to_string(i)), body);
      if (target->second == "wire_notify") {
        write(corpus / "wire_notify_data" / (sample.name + std::to_string(i)), body);
      }
    }
  }
  // A datagram of nothing but a header, and one that a stranger claims to have sealed.
  const Sample empty = empty_request();
  write(corpus / "wire_header" / empty.name, encode_message(empty.header, {}));
  Bytes stranger = {0x80};
  append(stranger, encode_message(empty.header, {VendorPayload{Bytes(40)}}));
  stranger[1 + 16] = static_cast<uint8_t>(PayloadType::SK);
  write(corpus / "wire_sealed" / "stranger", stranger);
}

}  // namespace
}  // namespace iked::wire

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  iked::wire::write_all(argv[1]);
}
