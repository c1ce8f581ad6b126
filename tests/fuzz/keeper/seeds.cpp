// SPDX-License-Identifier: ISC
// Writes one file for each message between iked and iked-keeper.
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "conf/generator.h"
#include "conf/support.h"
#include "keeper/protocol.h"

using namespace iked;          // NOLINT: this is a program
using namespace iked::keeper;  // NOLINT

namespace {

void write(const std::filesystem::path& folder, const std::string& name,
           std::initializer_list<Frame> frames) {
  std::filesystem::create_directories(folder);
  std::ofstream out(folder / name, std::ios::binary);
  for (const Frame& frame : frames) {
    const SecretBuffer octets = encode(frame);
    out.write(reinterpret_cast<const char*>(octets.data()),
              static_cast<std::streamsize>(octets.size()));
  }
}

void write_requests(const std::filesystem::path& folder) {
  const Bytes octets(90, 0x61);
  const Frame psk{
      MessageType::psk_auth, 3,
      encode(PskAuthRequest{SecretId{77}, PrfId::HMAC_SHA2_256, octets, octets, "west"})};
  write(folder, "load-commit-psk", {{MessageType::load, 1, {}}, {MessageType::commit, 2, {}}, psk});
  write(folder, "eap",
        {{MessageType::eap, 4, encode(EapRequest{SecretId{5}, 26, 9, "ann", octets, octets})}});
  write(folder, "sign", {{MessageType::sign, 5, encode(SignRequest{octets, 14, octets})}});
  write(folder, "token",
        {{MessageType::log_in, 6, encode(TokenLogin{"pkcs11:serial=1", SecretId{8}})},
         {MessageType::log_out, 7, encode(std::string("pkcs11:serial=1"))}});
  write(folder, "others",
        {{MessageType::list_public, 8, {}},
         {MessageType::take_secret, 9, {}},
         {MessageType::wipe_users, 10, {}}});
}

void write_answers(const std::filesystem::path& folder) {
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    const auto parsed = conf::test::parse_text(conf::test::Generator(seed).config());
    write(folder, "loaded-" + std::to_string(seed),
          {{MessageType::loaded, seed, encode(parsed.result)}});
  }
  const Bytes octets(32, 0x62);
  write(folder, "begin",
        {{MessageType::hello, 0, encode(Hello{protocol_version, 4711, 64912})},
         {MessageType::log, 0, encode(LogLine{log::Level::warn, "west", "a line"})},
         {MessageType::done, 2, {}},
         {MessageType::refused, 3, encode(std::string("not the key"))}});
  write(folder, "values",
        {{MessageType::psk_values, 3,
          encode(PskAuthValues{SecretBytes(ByteView(octets)), SecretBytes(ByteView(octets))})},
         {MessageType::eap_values, 4,
          encode(EapValues{SecretBytes(ByteView(octets)), SecretBytes(ByteView(octets)),
                           SecretBytes(size_t{64})})},
         {MessageType::signature, 5, encode(octets)}});
  write(folder, "others",
        {{MessageType::public_parts, 8, encode(std::vector<PublicPart>{{"a.crt", octets}})},
         {MessageType::secret_taken, 9, encode(SecretId{9})},
         {MessageType::users_wiped, 10, encode(uint64_t{2})}});
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: keeper_seeds FOLDER\n");
    return 2;
  }
  const std::filesystem::path corpus = argv[1];
  write_requests(corpus / "keeper_request");
  write_answers(corpus / "keeper_answer");
  return 0;
}
