// SPDX-License-Identifier: ISC
#include "authority/passphrase.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "authority/fixture.h"
#include "base/descriptor.h"

namespace iked::authority {
namespace {

using testing::HasSubstr;

std::string from_file(const Folder& folder, const std::string& text) {
  write_text(folder / "pw", text);
  const auto read = passphrase_from_file(folder / "pw");
  return read ? read->c_str() : "error: " + read.error().text;
}

TEST(Passphrase, OfAFileIsItsFirstLine) {
  const Folder folder;
  EXPECT_EQ(from_file(folder, "secret"), "secret");
  EXPECT_EQ(from_file(folder, "secret\n"), "secret");
  EXPECT_EQ(from_file(folder, "secret\r\n"), "secret");
  EXPECT_EQ(from_file(folder, "with spaces \nsecond\n"), "with spaces ");
  EXPECT_EQ(from_file(folder, std::string(1024, 'x')), std::string(1024, 'x'));
}

TEST(Passphrase, FileWithoutOneIsRefused) {
  const Folder folder;
  EXPECT_THAT(from_file(folder, ""), HasSubstr("is empty"));
  EXPECT_THAT(from_file(folder, "\nsecond\n"), HasSubstr("is empty"));
  EXPECT_THAT(from_file(folder, std::string("a\0b", 3)), HasSubstr("NUL"));
  EXPECT_THAT(from_file(folder, std::string(1025, 'x')), HasSubstr("longer than 1024"));
  EXPECT_EQ(passphrase_from_file(folder / "none").error().kind, Failure::Kind::not_found);
}

/// A child with a terminal that types one of the lines at each prompt. It fails when the terminal
/// shows any of them.
class Typist {
 public:
  explicit Typist(const std::vector<std::string>& lines)
      : master_(posix_openpt(O_RDWR | O_NOCTTY)) {
    EXPECT_EQ(grantpt(master_.get()), 0);
    EXPECT_EQ(unlockpt(master_.get()), 0);
    name_ = ptsname(master_.get());
    slave_.reset(open(name_.c_str(), O_RDWR | O_NOCTTY));
    child_ = fork();
    if (child_ == 0) _exit(type(lines));
  }
  Typist(const Typist&) = delete;
  Typist& operator=(const Typist&) = delete;
  ~Typist() {
    int status = -1;
    EXPECT_EQ(waitpid(child_, &status, 0), child_);
    EXPECT_EQ(status, 0);
  }
  const char* terminal() const { return name_.c_str(); }
  bool echoes() const {
    termios settings{};
    tcgetattr(slave_.get(), &settings);
    return (settings.c_lflag & ECHO) != 0;
  }

 private:
  int type(const std::vector<std::string>& lines) const {
    std::string shown;
    for (const std::string& line : lines) {
      const size_t seen = shown.size();
      char c = 0;
      while (shown.find(": ", seen) == std::string::npos) {
        if (read(master_.get(), &c, 1) != 1) return 1;
        shown += c;
      }
      // What is typed before the terminal is silent is thrown away.
      for (termios settings{.c_lflag = ICANON}; (settings.c_lflag & ICANON) != 0;) {
        usleep(1000);
        tcgetattr(master_.get(), &settings);
      }
      if (write(master_.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
        return 1;
      }
    }
    return shown.find("ecret") == std::string::npos ? 0 : 3;
  }

  Descriptor master_, slave_;
  std::string name_;
  pid_t child_ = -1;
};

TEST(Passphrase, IsTypedTwiceWithoutBeingShown) {
  const Typist typist(
      {"wrong\x15sex\x7f"
       "cret\n",
       "secret\r"});
  const auto typed = passphrase_from_terminal("CA passphrase", true, typist.terminal());
  ASSERT_TRUE(typed) << typed.error().text;
  EXPECT_STREQ(typed->c_str(), "secret");
  EXPECT_TRUE(typist.echoes());
}

TEST(Passphrase, TwoThatDifferAreRefused) {
  const Typist typist({"secret\n", "sicret\n"});
  const auto typed = passphrase_from_terminal("CA passphrase", true, typist.terminal());
  ASSERT_FALSE(typed);
  EXPECT_EQ(typed.error().text, "passphrase does not match!");
}

TEST(Passphrase, IsAskedOnceWhereItIsNotNew) {
  const Typist typist({"secret\n"});
  const auto typed = passphrase_from_terminal("CA passphrase", false, typist.terminal());
  ASSERT_TRUE(typed) << typed.error().text;
  EXPECT_STREQ(typed->c_str(), "secret");
}

TEST(Passphrase, ControlCEndsItAndTheTerminalIsAsBefore) {
  const Typist typist({"sec\x03"});
  const auto typed = passphrase_from_terminal("CA passphrase", false, typist.terminal());
  ASSERT_FALSE(typed);
  EXPECT_THAT(typed.error().text, HasSubstr("interrupted"));
  EXPECT_TRUE(typist.echoes());
}

TEST(Passphrase, WithoutATerminalTheFileIsNamed) {
  const auto none = passphrase_from_terminal("CA passphrase", true, "/nonexistent/tty");
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().text, HasSubstr("--password-file"));
}

}  // namespace
}  // namespace iked::authority
