// SPDX-License-Identifier: ISC
// A daemon that has as many SAs and policies as a test wants, and notes what it is told to do.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "control/rows.h"
#include "model/control.h"

namespace iked::control {

class FakeControl final : public Control {
 public:
  std::vector<IkeSaRow> sas;
  std::vector<PolicyRow> policies;
  std::vector<std::string> calls;
  Result<std::string> outcome = "done";
  Result<ConfigReport> report = ConfigReport{.valid = true};
  RunState state;
  bool answer_later = false;
  std::vector<Done> waiting;
  std::vector<FailureRow> failed;
  Counters more_counters;
  Outcome ends_with = "done";                // of what may take its time
  std::function<void()> before_end = [] {};  // called before it ends
  std::vector<Ended> unended;
  size_t pages = 0;  // that were asked for
  size_t largest_page = 0;

  void add_sas(size_t count) {
    for (size_t i = 0; i < count; ++i) {
      sas.push_back(sa_row());
      sas.back().id = sas.size();
    }
  }

  SaPage list_sas(uint64_t from, size_t max) override { return page<SaPage>(sas, from, max); }
  PolicyPage list_policies(uint64_t from, size_t max) override {
    return page<PolicyPage>(policies, from, max);
  }
  std::optional<IkeSaRow> find_sa(uint64_t id) override {
    for (const IkeSaRow& sa : sas) {
      if (sa.id == id) return sa;
    }
    return std::nullopt;
  }
  std::optional<PolicyRow> find_policy(const std::string& name) override {
    for (const PolicyRow& policy : policies) {
      if (policy.name == name) return policy;
    }
    return std::nullopt;
  }
  std::optional<std::vector<FailureRow>> failures(const std::string& name) override {
    std::vector<FailureRow> found;
    for (const FailureRow& failure : failed) {
      if (failure.policy == name || failure.peer == name) found.push_back(failure);
    }
    if (found.empty() && !find_policy(name)) return std::nullopt;
    return found;
  }
  void connect(const std::string& policy, Ended ended) override {
    note_long("connect " + policy, std::move(ended));
  }
  void disconnect(const std::string& policy, Ended ended) override {
    note_long("disconnect " + policy, std::move(ended));
  }
  void load(const std::string& path, Ended ended) override {
    note_long("load " + path, std::move(ended));
  }
  void list_certificates(Done done) override { note("certificates", std::move(done)); }
  bool rekey_sa(uint64_t id) override {
    calls.push_back("rekey " + std::to_string(id));
    return find_sa(id).has_value();
  }
  RunState run_state() const override { return state; }
  Counters counters() const override {
    Counters all = more_counters;
    all["IkeSas"] = sas.size();
    return all;
  }
  void check_config(Checked done) override {
    calls.push_back("check");
    done(report);
  }
  bool close_sa(uint64_t id) override {
    calls.push_back("close " + std::to_string(id));
    return find_sa(id).has_value();
  }
  size_t reset_id(const std::string& identity) override {
    calls.push_back("reset id " + identity);
    return static_cast<size_t>(std::count_if(
        sas.begin(), sas.end(), [&](const IkeSaRow& sa) { return sa.remote_id == identity; }));
  }
  void reload(Done done) override { note("reload", std::move(done)); }
  void reset(ResetTarget what, Done done) override {
    note("reset " + std::to_string(static_cast<int>(what)), std::move(done));
  }
  void set_passive(bool passive, Done done) override {
    note(passive ? "passive" : "active", std::move(done));
  }
  void set_coupled(bool coupled, Done done) override {
    note(coupled ? "couple" : "decouple", std::move(done));
  }
  void set_verbosity(int level, Done done) override {
    note("verbosity " + std::to_string(level), std::move(done));
  }

 private:
  template <typename Page>
  Page page(const auto& all, uint64_t from, size_t max) {
    ++pages;
    Page p;
    const size_t end = std::min<size_t>(all.size(), from + max);
    for (size_t i = from; i < end; ++i) p.rows.push_back(all[i]);
    p.next = end < all.size() ? end : 0;
    largest_page = std::max(largest_page, p.rows.size());
    return p;
  }

  void note_long(std::string call, Ended ended) {
    calls.push_back(std::move(call));
    if (answer_later) {
      unended.push_back(std::move(ended));
    } else {
      before_end();
      ended(ends_with);
    }
  }

  void note(std::string call, Done done) {
    calls.push_back(std::move(call));
    if (answer_later) {
      waiting.push_back(std::move(done));
    } else {
      done(outcome);
    }
  }
};

}  // namespace iked::control
