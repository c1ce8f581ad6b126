// SPDX-License-Identifier: ISC
// Whether two hosts have the same tunnel: the same IKE SA, mirrored children, kernels that hold
// those and nothing else, and no key or SPI that came twice.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "support/pair.h"

namespace iked::test {

/// `children` in one IKE SA, with one set of flows in tunnel mode.
inline ::testing::AssertionResult agree(const Pair& pair, size_t children = 1) {
  const auto no = [] { return ::testing::AssertionFailure(); };
  const auto a = pair.a->sas();
  const auto b = pair.b->sas();
  if (a.size() != 1 || b.size() != 1) {
    return no() << "a has " << a.size() << " IKE SAs, b " << b.size();
  }
  if (a[0].state != "ESTABLISHED" || b[0].state != "ESTABLISHED") {
    return no() << "states " << a[0].state << " and " << b[0].state;
  }
  if (a[0].spi_i != b[0].spi_i || a[0].spi_r != b[0].spi_r || a[0].initiator == b[0].initiator) {
    return no() << "not the same IKE SA";
  }
  std::set<std::pair<uint32_t, uint32_t>> of_a;
  std::set<std::pair<uint32_t, uint32_t>> of_b;
  for (const ChildRow& row : a[0].children) of_a.insert({row.spi_in, row.spi_out});
  for (const ChildRow& row : b[0].children) of_b.insert({row.spi_out, row.spi_in});
  if (of_a != of_b) return no() << "the children differ";
  if (of_a.size() != children) return no() << of_a.size() << " children";
  for (const Node* node : {pair.a, pair.b}) {
    if (node->kernel.sas.size() != 2 * children) {
      return no() << node->name << " has " << node->kernel.sas.size() << " SAs in the kernel";
    }
    if (!node->kernel.larval.empty()) return no() << node->name << " keeps an SPI reserved";
    if (!node->kernel.faults.empty()) return no() << node->name << ": " << node->kernel.faults[0];
  }
  return ::testing::AssertionSuccess();
}

/// The inbound SA of the first child.
inline SaKey inbound_of(const Node& node) {
  for (const auto& [key, sa] : node.kernel.sas) {
    if (sa.inbound) return key;
  }
  return {};
}

}  // namespace iked::test
