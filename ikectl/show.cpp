// SPDX-License-Identifier: ISC
#include "ikectl/show.h"

#include <fmt/format.h>

#include "ikectl/text.h"

namespace iked::ikectl {
namespace {

std::string child_line(const IkeSaRow& sa, const ChildRow& child, bool inbound) {
  const uint32_t spi = inbound ? child.spi_in : child.spi_out;
  if (spi == 0) return "";  // this direction is gone already
  std::string line =
      fmt::format("  sa_childsas: {:#010x} {} {:#010x} {} {} -> {}", child.id,
                  clean(child.protocol), spi, inbound ? "in" : "out",
                  clean(inbound ? sa.remote : sa.local), clean(inbound ? sa.local : sa.remote));
  // As in OpenIKED: loaded into the kernel, allocated by us.
  line += fmt::format(" ({}{}) {} {}", child.coupled ? "L" : "", inbound ? "A" : "",
                      clean(child.mode), clean(child.suite));
  if (child.udp_encap) line += " natt";
  line += fmt::format(" age {} bytes {} packets {}\n", duration(child.age_seconds),
                      inbound ? child.bytes_in : child.bytes_out,
                      inbound ? child.packets_in : child.packets_out);
  return line;
}

std::string flow_lines(const ChildRow& child, bool inbound) {
  std::string lines;
  for (const std::string& local : child.local_selectors) {
    for (const std::string& remote : child.remote_selectors) {
      lines +=
          fmt::format("  sa_flows: {:#010x} {} {} {} -> {} ({})\n", child.id, clean(child.protocol),
                      inbound ? "in" : "out", clean(inbound ? remote : local),
                      clean(inbound ? local : remote), child.coupled ? "L" : "");
    }
  }
  return lines;
}

}  // namespace

std::string to_lines(const IkeSaRow& sa) {
  std::string lines = fmt::format(
      "iked_sas: {} rspi {:#018x} ispi {:#018x} {}->{}<{}>[] {} {} {}policy {}", sa.id, sa.spi_r,
      sa.spi_i, clean(sa.local), clean(sa.remote), clean(sa.remote_id), clean(sa.state),
      sa.initiator ? "i" : "r", sa.natt ? "natt " : "", clean(sa.policy));
  if (!sa.local_id.empty()) lines += " srcid " + clean(sa.local_id);
  if (!sa.suite.empty()) lines += " ikesa " + clean(sa.suite);
  lines += " age " + duration(sa.age_seconds);
  if (!sa.waiting.empty()) lines += " waiting " + clean(sa.waiting);
  lines += "\n";
  for (const ChildRow& child : sa.children) {
    lines += child_line(sa, child, false) + child_line(sa, child, true);
  }
  for (const ChildRow& child : sa.children) {
    lines += flow_lines(child, false) + flow_lines(child, true);
  }
  if (sa.children_left_out != 0) {
    lines += fmt::format("  and {} more child SAs\n", sa.children_left_out);
  }
  return lines;
}

std::string to_lines(const PolicyRow& policy) {
  std::string line =
      fmt::format("policy {} {} peer {} {}", clean(policy.name),
                  policy.active ? "active" : "passive", clean(policy.peer), clean(policy.state));
  if (policy.retry_seconds != 0) line += ", next try in " + duration(policy.retry_seconds);
  if (!policy.last_error.empty()) line += ", last error: " + clean(policy.last_error);
  return line + "\n";
}

}  // namespace iked::ikectl
