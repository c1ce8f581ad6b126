// SPDX-License-Identifier: ISC
// Several files at once into folders where others may be: first it is found out whether all of them
// may be written, then they are.
#pragma once

#include <string>
#include <vector>

#include "authority/files.h"
#include "authority/operator.h"

namespace iked::authority {

struct Placement {
  std::string path;
  SecretBytes content;
  FileMode mode;
  bool may_replace = false;  // without a question
};

/// What is there already with the same content stays as it is. Anything else is replaced when the
/// operator agrees; when not, nothing at all is written.
Outcome<void> place(const std::vector<Placement>& files, const Operator& user);

}  // namespace iked::authority
