// SPDX-License-Identifier: ISC
//
// Runs a fuzz target once over each file of its corpus. It stands in for libFuzzer's main() in
// ordinary builds, so that every input that ever mattered is also an ordinary test. An empty corpus
// is a failure.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_of(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return {path};
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(path, error)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

bool replay(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    std::fprintf(stderr, "%s: cannot be read\n", file.c_str());
    return false;
  }
  const std::vector<char> text{std::istreambuf_iterator<char>(in), {}};
  // An exact-size copy on the heap, so that ASan sees a read of one byte too many.
  const std::vector<uint8_t> input(text.begin(), text.end());
  std::printf("%s (%zu bytes)\n", file.filename().c_str(), input.size());
  std::fflush(stdout);  // the last line names the culprit when the target aborts
  LLVMFuzzerTestOneInput(input.data(), input.size());
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  size_t count = 0;
  for (int i = 1; i < argc; ++i) {
    for (const auto& file : files_of(argv[i])) {
      if (!replay(file)) return 1;
      ++count;
    }
  }
  if (count == 0) {
    std::fprintf(stderr, "no corpus files given or found\n");
    return 1;
  }
  std::printf("replayed %zu inputs\n", count);
  return 0;
}
