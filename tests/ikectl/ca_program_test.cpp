// SPDX-License-Identifier: ISC
// `ikectl ca` as people and scripts use it. What it makes is looked at with OpenSSL, which has no
// code in common with it.
#include <gmock/gmock.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "control/scratch.h"

namespace iked::ikectl {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;

struct Outcome {
  int code = -1;
  std::string out;
  std::string err;
};

std::string text_of(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

class CaProgramTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(scratch / "root");
    std::filesystem::create_directories(scratch / "out");
    std::ofstream(scratch / "password") << "secret\n";
  }
  Outcome execute(const std::string& command) const {
    const std::string errors = scratch / "stderr";
    Outcome outcome;
    // Without a terminal, even if the tests have one.
    FILE* pipe = popen(("exec </dev/null; " + command + " 2>" + errors).c_str(), "r");
    if (pipe == nullptr) return outcome;
    char buffer[4096];
    for (size_t got; (got = fread(buffer, 1, sizeof buffer, pipe)) > 0;) {
      outcome.out.append(buffer, got);
    }
    const int status = pclose(pipe);
    outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    outcome.err = text_of(errors);
    return outcome;
  }
  std::string command(const std::string& words) const {
    return std::string(IKECTL_PROGRAM) + " -q " + words + " --root " + (scratch / "root");
  }
  Outcome ikectl(const std::string& words) const { return execute(command(words)); }
  void must(const std::string& words) const {
    const Outcome done = ikectl(words);
    ASSERT_EQ(done.code, 0) << words << "\n" << done.err;
    ASSERT_EQ(done.err, "") << words;
  }
  bool has_openssl() const { return execute("openssl version").code == 0; }
  std::string ca(const std::string& file) const { return scratch / ("root/etc/ssl/vpn/" + file); }

  const control::Scratch scratch;
};

TEST_F(CaProgramTest, FourCommandsMakeAPki) {
  if (!has_openssl()) GTEST_SKIP() << "no openssl to look at the result with";
  const std::string gateway = scratch / "gateway", out = " --directory " + (scratch / "out");
  must("ca vpn create");
  must("ca vpn certificate gw.example.com create server");
  must("ca vpn certificate 192.0.2.7 create client");
  must("ca vpn certificate 192.0.2.7 export" + out);
  // And here is what the two hosts do with them.
  must("ca vpn install " + gateway);
  must("ca vpn certificate gw.example.com install " + gateway);
  const std::string peer = scratch / "peer";
  std::filesystem::create_directories(peer);
  ASSERT_EQ(execute("tar xpzf " + (scratch / "out/192.0.2.7.tgz") + " -C " + peer).code, 0);

  for (const auto& [own, host, other] :
       {std::tuple(gateway, "gw.example.com", peer), std::tuple(peer, "192.0.2.7", gateway)}) {
    const std::string certificate = own + "/certs/" + host + ".crt";
    const Outcome verified =
        execute("openssl verify -x509_strict -crl_check -CAfile " + other + "/ca/ca.crt -CRLfile " +
                other + "/crls/ca.crl " + certificate);
    EXPECT_EQ(verified.code, 0) << verified.out << verified.err;
    const std::string of_key = "openssl pkey -pubout -in " + own + "/private/local.key";
    const std::string of_certificate = "openssl x509 -noout -pubkey -in " + certificate;
    EXPECT_NE(execute(of_key).out, "");
    EXPECT_EQ(execute(of_key).out, execute(of_certificate).out);
    EXPECT_EQ(execute(of_key).out, text_of(own + "/local.pub"));
  }
}

TEST_F(CaProgramTest, OpenSslSeesTheNamesAsWhatTheyAre) {
  if (!has_openssl()) GTEST_SKIP() << "no openssl to look at the result with";
  must("ca vpn create");
  const std::vector<std::pair<std::string, std::string>> rows{
      {"192.0.2.7", "-verify_ip 192.0.2.7"},
      {"2001:db8::7", "-verify_ip 2001:db8::7"},
      {"gw.example.com", "-verify_hostname gw.example.com"},
      {"joe@example.com", "-verify_email joe@example.com"}};
  for (const auto& [host, check] : rows) {
    must("ca vpn certificate " + host + " create");
    const std::string verify = "openssl verify -CAfile " + ca("ca.crt") + " ";
    const Outcome right = execute(verify + check + " " + ca(host + ".crt"));
    EXPECT_EQ(right.code, 0) << right.err;
    EXPECT_NE(execute(verify + "-verify_ip 192.0.2.8 " + ca(host + ".crt")).code, 0);
  }
}

TEST_F(CaProgramTest, EachTypeOfKeyIsAcceptedByOpenSsl) {
  if (!has_openssl()) GTEST_SKIP() << "no openssl to look at the result with";
  for (const char* type : {"p256", "p384", "p521", "ed25519", "ed448", "rsa2048"}) {
    must(std::string("ca vpn create --key-type ") + type);
    must(std::string("ca vpn certificate a.example create --key-type ") + type);
    must("ca vpn certificate a.example revoke");
    const std::string verify = "openssl verify -x509_strict -CAfile " + ca("ca.crt") + " ";
    EXPECT_EQ(execute(verify + ca("a.example.crt")).code, 0) << type;
    const Outcome revoked =
        execute(verify + "-crl_check -CRLfile " + ca("ca.crl") + " " + ca("a.example.crt"));
    EXPECT_NE(revoked.code, 0) << type;
    EXPECT_THAT(revoked.err, HasSubstr("certificate revoked")) << type;
    must("ca vpn delete");
  }
}

TEST_F(CaProgramTest, Pkcs12IsOpenedByOpenSsl) {
  if (!has_openssl()) GTEST_SKIP() << "no openssl to look at the result with";
  must("ca vpn create");
  must("ca vpn certificate joe@example.com create client");
  const std::string file = scratch / "out/joe@example.com.p12";
  must("ca vpn certificate joe@example.com export pkcs12 --password-file " +
       (scratch / "password") + " --directory " + (scratch / "out"));
  const std::string open = "openssl pkcs12 -in " + file + " -nodes -passin ";
  const Outcome opened = execute(open + "file:" + (scratch / "password"));
  EXPECT_EQ(opened.code, 0) << opened.err;
  EXPECT_THAT(opened.out, HasSubstr("BEGIN PRIVATE KEY"));
  EXPECT_THAT(opened.out, ContainsRegex("subject=CN = joe@example.com"));
  EXPECT_THAT(opened.out, ContainsRegex("subject=CN = vpn"));
  EXPECT_NE(execute(open + "pass:wrong").code, 0);
}

TEST_F(CaProgramTest, IndexIsReadByOpenSsl) {
  if (!has_openssl()) GTEST_SKIP() << "no openssl to look at the result with";
  must("ca vpn create --key-type rsa2048");
  must("ca vpn certificate a.example create");
  must("ca vpn certificate b.example create");
  must("ca vpn certificate b.example revoke");
  // "openssl ca" makes a list of its own from it.
  std::ofstream(scratch / "ca.cnf")
      << "[ca]\ndefault_ca = vpn\n[vpn]\ndatabase = " << ca("index.txt")
      << "\ndefault_md = sha256\n";
  const Outcome made =
      execute("openssl ca -gencrl -crldays 30 -config " + (scratch / "ca.cnf") + " -cert " +
              ca("ca.crt") + " -keyfile " + ca("private/ca.key") + " -out " + ca("ca.crl"));
  ASSERT_EQ(made.code, 0) << made.err;
  must("ca vpn crl");
  const Outcome listed = ikectl("show ca vpn certificates");
  EXPECT_THAT(listed.out, ContainsRegex("subjectAltName=DNS:a.example\nstatus=valid"));
  EXPECT_THAT(listed.out, ContainsRegex("subjectAltName=DNS:b.example\nstatus=revoked"));
}

TEST_F(CaProgramTest, AuthorityOfOpenIkedIsContinued) {
  if (!has_openssl()) GTEST_SKIP() << "no openssl to make it with";
  // What OpenIKED's ikectl has openssl do, with the extensions of its configuration.
  std::filesystem::create_directories(ca("private"));
  std::ofstream(ca("ikeca.passwd")) << "secret\nsecret\n";
  std::ofstream(ca("index.txt")) << "";
  std::ofstream(ca("serial.txt")) << "01\n";
  std::ofstream(scratch / "ca.ext") << "basicConstraints=critical,CA:true,pathlen:1\n"
                                       "keyUsage=critical,keyCertSign,cRLSign\n"
                                       "subjectKeyIdentifier=hash\n";
  const std::string key = ca("private/ca.key"), pass = " -passin file:" + ca("ikeca.passwd");
  const std::string subject = " -subj '/C=DE/ST=Lower Saxony/L=Hanover/O=OpenBSD/CN=VPN CA'";
  for (const std::string& line :
       {"openssl genrsa -aes256 -passout file:" + ca("ikeca.passwd") + " -out " + key + " 2048",
        "openssl req -new -key " + key + pass + subject + " -out " + (scratch / "ca.csr"),
        "openssl x509 -req -days 4500 -sha256 -in " + (scratch / "ca.csr") + " -signkey " + key +
            pass + " -extfile " + (scratch / "ca.ext") + " -out " + ca("ca.crt")}) {
    const Outcome done = execute(line);
    ASSERT_EQ(done.code, 0) << line << done.err;
  }
  must("ca vpn certificate gw.example.com create");
  must("ca vpn crl");
  const std::string verify = "openssl verify -x509_strict -crl_check -CAfile " + ca("ca.crt") +
                             " -CRLfile " + ca("ca.crl") + " " + ca("gw.example.com.crt");
  const Outcome good = execute(verify);
  EXPECT_EQ(good.code, 0) << good.err;
  must("ca vpn certificate gw.example.com revoke");
  EXPECT_THAT(execute(verify).err, HasSubstr("certificate revoked"));
}

TEST_F(CaProgramTest, PassphraseIsReadFromAFile) {
  const std::string with = " --password-file " + (scratch / "password");
  must("ca vpn create" + with);
  EXPECT_THAT(text_of(ca("private/ca.key")), HasSubstr("BEGIN ENCRYPTED PRIVATE KEY"));
  must("ca vpn certificate a.example create" + with);
  std::ofstream(scratch / "password") << "wrong\n";
  const Outcome wrong = ikectl("ca vpn certificate b.example create" + with);
  EXPECT_EQ(wrong.code, 1);
  EXPECT_THAT(wrong.err, HasSubstr("wrong passphrase for " + ca("private/ca.key")));
  EXPECT_FALSE(std::filesystem::exists(ca("private/b.example.key")));
  const Outcome none = ikectl("ca vpn certificate b.example create");
  EXPECT_EQ(none.code, 1);
  EXPECT_THAT(none.err, HasSubstr("--password-file"));
}

TEST_F(CaProgramTest, PassphraseOnTheCommandLineWorksWithAWarning) {
  const Outcome created = ikectl("ca vpn create password secret");
  EXPECT_EQ(created.code, 0);
  EXPECT_THAT(created.err, HasSubstr("can be seen by others"));
  must("ca vpn crl --password-file " + (scratch / "password"));
}

TEST_F(CaProgramTest, WithoutATerminalItDoesNotWaitForAPassphrase) {
  const Outcome asked = execute("setsid " + std::string(IKECTL_PROGRAM) + " ca vpn create --root " +
                                (scratch / "root"));
  EXPECT_EQ(asked.code, 1);
  EXPECT_THAT(asked.err, HasSubstr("--password-file"));
  EXPECT_FALSE(std::filesystem::exists(scratch / "root/etc/ssl/vpn"));
}

TEST_F(CaProgramTest, ExitCodeSaysTheKind) {
  EXPECT_EQ(ikectl("ca vpn").code, 2);
  EXPECT_EQ(ikectl("ca ../vpn create").code, 2);
  EXPECT_EQ(ikectl("ca vpn certificate 1.2.3.4.5 create").code, 2);
  EXPECT_EQ(ikectl("ca vpn install").code, 4);
  EXPECT_EQ(ikectl("ca vpn certificate a.example create").code, 4);
  must("ca vpn create");
  EXPECT_EQ(ikectl("ca vpn create").code, 1);
  EXPECT_EQ(ikectl("ca vpn certificate a.example install").code, 4);
  EXPECT_EQ(ikectl("show ca vpn certificates a.example").code, 4);
  EXPECT_EQ(ikectl("ca vpn key a.example import " + (scratch / "none")).code, 4);
  EXPECT_EQ(ikectl("show ca vpn certificates").code, 0);
}

TEST_F(CaProgramTest, FolderThatIsNotOursToWriteIsDenied) {
  must("ca vpn create");
  const std::string folder = ca("");
  // As somebody who is not root, who may write anywhere.
  const std::string as_nobody = "setpriv --reuid 65534 --regid 65534 --clear-groups ";
  if (execute(as_nobody + "true").code != 0) GTEST_SKIP() << "cannot become somebody else";
  ASSERT_EQ(chmod((scratch / ".").c_str(), 0755), 0);
  const Outcome denied = execute(as_nobody + command("ca other create"));
  if (denied.code == 126 || denied.code == 127) GTEST_SKIP() << "others cannot run the program";
  EXPECT_EQ(denied.code, 5) << denied.err;
  EXPECT_THAT(denied.err, HasSubstr("Permission denied; run ikectl as root"));
  EXPECT_EQ(execute(as_nobody + command("ca vpn certificate a.example create")).code, 5);
}

TEST_F(CaProgramTest, FullDiskLeavesNothingBehind) {
  // A file system with room for a folder, but hardly for what is in it.
  const std::string on_small_disk =
      "unshare -rm sh -c 'mount -t tmpfs -o size=4k,nr_inodes=64 none " + (scratch / "root") +
      " && \"$@\"; code=$?; find " + (scratch / "root") + " -type f; exit $code' sh ";
  if (execute(on_small_disk + "true").code != 0) GTEST_SKIP() << "no mount namespaces";
  const Outcome full = execute(on_small_disk + command("ca vpn create"));
  EXPECT_EQ(full.code, 1);
  EXPECT_THAT(full.err, HasSubstr("No space left on device; nothing was changed"));
  EXPECT_EQ(full.out, "");  // no file is left either
}

TEST_F(CaProgramTest, FullOutputIsNoticed) {
  must("ca vpn create");
  const Outcome done = execute(command("show ca vpn certificates") + " >/dev/full");
  EXPECT_EQ(done.code, 1);
  EXPECT_THAT(done.err, HasSubstr("No space left on device"));
}

TEST_F(CaProgramTest, NothingIsOverwrittenWithoutForce) {
  must("ca vpn create");
  must("ca vpn certificate a.example create");
  const std::string before = text_of(ca("a.example.crt"));
  const Outcome refused = ikectl("ca vpn certificate a.example create");
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("--force"));
  EXPECT_EQ(text_of(ca("a.example.crt")), before);
  must("ca vpn certificate a.example create --force");
  EXPECT_NE(text_of(ca("a.example.crt")), before);
}

/// Runs a program and kills it when it is about to give a file its name for the `nth` time. False
/// if it ended before.
bool killed_at_rename(const std::vector<std::string>& words, int nth) {
  const pid_t child = fork();
  if (child == 0) {
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    if (freopen("/dev/null", "w", stdout) == nullptr) _exit(127);
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    execv(arguments[0], arguments.data());
    _exit(127);
  }
  int status = 0;
  while (waitpid(child, &status, 0) == child && WIFSTOPPED(status)) {
    ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACESYSGOOD);
    __ptrace_syscall_info info{};
    ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof info, &info);
    const bool renames = info.op == PTRACE_SYSCALL_INFO_ENTRY &&
                         (info.entry.nr == SYS_renameat2 || info.entry.nr == SYS_renameat);
    if (renames && --nth == 0) {
      kill(child, SIGKILL);
    }
    ptrace(PTRACE_SYSCALL, child, 0, 0);
  }
  return WIFSIGNALED(status);
}

TEST_F(CaProgramTest, KilledAtAnyMomentItLeavesACaThatWorks) {
  const std::string root = scratch / "root";
  const auto killed = [&](const std::vector<std::string>& words, int nth) {
    std::vector<std::string> all{IKECTL_PROGRAM, "-q", "ca", "vpn"};
    all.insert(all.end(), words.begin(), words.end());
    all.insert(all.end(), {"--root", root});
    return killed_at_rename(all, nth);
  };
  int times = 0;
  while (killed({"create"}, times + 1)) {
    ++times;
    EXPECT_FALSE(std::filesystem::exists(ca("")));
  }
  EXPECT_EQ(times, 5);  // four files, and the folder
  for (times = 0; killed({"certificate", "a.example", "create"}, times + 1); ++times) {
    EXPECT_FALSE(std::filesystem::exists(ca("a.example.crt")));
    must("show ca vpn certificates");
    must("ca vpn certificate b.example create --force");
    std::filesystem::remove(ca("private/a.example.key"));
  }
  EXPECT_EQ(times, 3);  // key, index, certificate
  for (times = 0; killed({"certificate", "a.example", "revoke"}, times + 1); ++times) {
    must("show ca vpn certificates");
  }
  EXPECT_EQ(times, 2);  // index, list
  EXPECT_THAT(ikectl("show ca vpn certificates").out,
              ContainsRegex("subjectAltName=DNS:a.example\nstatus=revoked"));
}

TEST_F(CaProgramTest, TwoAtOnceDoNotDisturbEachOther) {
  must("ca vpn create");
  std::string all;
  for (int i = 0; i < 8; ++i) {
    all += command("ca vpn certificate h" + std::to_string(i) + ".example create") + " & ";
  }
  EXPECT_EQ(execute("{ " + all + " wait; }").code, 0);
  const std::string index = text_of(ca("index.txt"));
  EXPECT_EQ(std::count(index.begin(), index.end(), '\n'), 8);
}

TEST_F(CaProgramTest, KeysAreReadableByTheirOwnerAloneWhateverTheUmask) {
  ASSERT_EQ(execute("umask 0; " + command("ca vpn create")).code, 0);
  ASSERT_EQ(execute("umask 0; " + command("ca vpn certificate a.example create")).code, 0);
  for (const char* key : {"private/ca.key", "private/a.example.key"}) {
    struct stat info {};
    ASSERT_EQ(stat(ca(key).c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777, 0600u) << key;
  }
}

}  // namespace
}  // namespace iked::ikectl
