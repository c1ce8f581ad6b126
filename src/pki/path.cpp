// SPDX-License-Identifier: ISC
#include "pki/path.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "pki/judge.h"
#include "pki/name_constraints.h"

namespace iked::pki {
namespace {

struct Candidate {
  const Certificate* certificate = nullptr;
  const Authority* authority = nullptr;  // of the trust store, if it is from there
  bool anchor = false;
};

/// Goes up from the leaf, one certificate at a time, and back where it does not get on.
class Search {
 public:
  Search(const TrustStore& store, const ChainRequest& request,
         const std::vector<Certificate>& others)
      : store_(store), request_(request) {
    // What is trusted comes first: that way is the shortest, and no stranger has a say in it.
    for (const bool anchor : {true, false}) {
      for (const Authority& one : store.authorities()) {
        if (TrustStore::is_anchor(one, request.partial_chain) != anchor) continue;
        candidates_.push_back({&one.certificate, &one, anchor});
      }
    }
    for (const Certificate& one : others) candidates_.push_back({&one, nullptr, false});
  }

  Result<std::string> run(const Certificate& leaf) {
    for (const Candidate& one : candidates_) {
      if (one.anchor && one.certificate->der() == leaf.der()) {
        return fmt::format("its certificate is trusted itself ({})", one.authority->name);
      }
    }
    path_ = {&leaf};
    if (climb()) return how_;
    return fail("{}", worst_.value_or(nobody(leaf)));
  }

 private:
  static std::string nobody(const Certificate& of) {
    return fmt::format(
        "the certificate of {} is issued by {}, which is not known here; that authority's "
        "certificate belongs into /etc/iked/ca, or the peer must send the intermediate "
        "ones",
        of.subject(), of.issuer());
  }

  /// Keeps the reason that came up farthest from the leaf, for the administrator.
  bool blame(std::string text) {
    if (!worst_ || path_.size() > farthest_) {
      worst_ = std::move(text);
      farthest_ = path_.size();
    }
    return false;
  }

  bool spend() { return ++signatures_ <= ChainRequest::most_signatures; }

  bool climb() {
    const Certificate& top = *path_.back();
    if (const auto& fault = top.signature_fault()) {
      return blame(fmt::format("the certificate of {} is signed with {}", top.subject(), *fault));
    }
    if (path_.size() >= ChainRequest::longest_chain) {
      return blame(fmt::format("the chain of {} has more than {} certificates",
                               path_.front()->subject(), ChainRequest::longest_chain));
    }
    for (const Candidate& one : candidates_) {
      const auto is_same = [&](const Certificate* c) { return c->der() == one.certificate->der(); };
      if (!top.names_as_issuer(*one.certificate) || std::ranges::any_of(path_, is_same)) continue;
      if (step(one)) return true;
    }
    return blame(nobody(top));
  }

  bool step(const Candidate& next) {
    const Certificate& top = *path_.back();
    const Certificate& issuer = *next.certificate;
    if (auto good = check_authority(issuer, request_, next.anchor); !good) {
      return blame(std::move(good.error().text));
    }
    if (!spend())
      return blame("checking this chain takes too long; the peer must send fewer certificates");
    if (!top.is_signed_by(issuer)) {
      return blame(
          fmt::format("the signature on the certificate of {} is not that of {}; another "
                      "authority of the same name, or a forgery",
                      top.subject(), issuer.subject()));
    }
    path_.push_back(&issuer);
    const bool good = next.anchor ? arrived(*next.authority) : climb();
    path_.pop_back();
    return good;
  }

  /// The path is complete.
  bool arrived(const Authority& anchor) {
    for (auto check : {&Search::check_lengths, &Search::check_names}) {
      if (auto good = (this->*check)(); !good) return blame(std::move(good.error().text));
    }
    auto revocations = check_revocations();
    if (!revocations) return blame(std::move(revocations.error().text));
    how_ = fmt::format("{} vouches for it ({}){}; {}", anchor.certificate.subject(), anchor.name,
                       path_.size() > 2 ? fmt::format(", over {} others", path_.size() - 2) : "",
                       *revocations);
    return true;
  }

  /// RFC5280 4.2.1.9: the pathLenConstraint "gives the maximum number of non-self-issued
  /// intermediate certificates that may follow this certificate".
  Result<void> check_lengths() const {
    size_t below = 0;  // intermediates, without the leaf
    for (size_t i = 1; i < path_.size(); ++i) {
      const auto& limit = path_[i]->extensions().path_length;
      if (limit && below > *limit) {
        return fail("{} allows at most {} intermediate authorities below it, but there are {}",
                    path_[i]->subject(), *limit, below);
      }
      if (!path_[i]->is_self_issued()) ++below;
    }
    return {};
  }

  /// RFC5280 6.1.3 (b), (c): constraints do not hold for self-issued certificates, unless it is the
  /// last one.
  Result<void> check_names() const {
    for (size_t i = 1; i < path_.size(); ++i) {
      for (size_t j = 0; j < i; ++j) {
        if (j > 0 && path_[j]->is_self_issued()) continue;
        if (auto good = check_name_constraints(*path_[i], *path_[j]); !good) return good;
      }
    }
    return {};
  }

  /// All but the anchor, which nobody could revoke. A line for the log.
  Result<std::string> check_revocations() {
    std::vector<std::string> notes;
    for (size_t i = 0; i + 1 < path_.size(); ++i) {
      auto note = check_revocation(i);
      if (!note) return note;
      if (!note->empty()) notes.push_back(std::move(*note));
    }
    return notes.empty() ? "not revoked" : fmt::format("{}", fmt::join(notes, ", "));
  }

  /// By the issuer, or another key of his on the way up: he may have changed it since.
  bool is_signed_above(size_t place, const RevocationList& list) const {
    return std::any_of(path_.begin() + static_cast<std::ptrdiff_t>(place) + 1, path_.end(),
                       [&](const Certificate* above) { return list.is_signed_by(*above); });
  }

  /// Nothing to note when a list in force has been looked at.
  Result<std::string> check_revocation(size_t place) {
    const Certificate& certificate = *path_[place];
    const Certificate& issuer = *path_[place + 1];
    const NamedList* newest = nullptr;
    const NamedList* foreign = nullptr;
    for (const NamedList& one : store_.lists()) {
      if (one.list.issuer_dn() != certificate.issuer_dn()) continue;
      if (newest != nullptr && newest->list.this_update() >= one.list.this_update()) continue;
      if (!spend()) return fail("there are too many revocation lists of {}", issuer.subject());
      (is_signed_above(place, one.list) ? newest : foreign) = &one;
    }
    if (newest != nullptr && newest->list.has(certificate.serial())) {
      return fail("the certificate of {} is revoked, says {} ({}); it must be replaced",
                  certificate.subject(), issuer.subject(), newest->name);
    }
    if (newest == nullptr) {
      return missing(fmt::format("no revocation list of {}{}", issuer.subject(),
                                 foreign == nullptr
                                     ? ""
                                     : fmt::format(" (that in {} has not been signed "
                                                   "with its key)",
                                                   foreign->name)));
    }
    if (request_.now < newest->list.this_update() || request_.now > newest->list.next_update()) {
      return missing(fmt::format("the revocation list of {} is good from {} to {} only ({})",
                                 issuer.subject(), to_text(newest->list.this_update()),
                                 to_text(newest->list.next_update()), newest->name));
    }
    return "";
  }

  Result<std::string> missing(const std::string& what) const {
    if (!request_.strict_revocation) return what;
    return fail("{}; put the current one into /etc/iked/crls", what);
  }

  const TrustStore& store_;
  const ChainRequest& request_;
  std::vector<Candidate> candidates_;
  std::vector<const Certificate*> path_;
  unsigned signatures_ = 0;
  std::optional<std::string> worst_;
  size_t farthest_ = 0;
  std::string how_;
};

}  // namespace

Result<std::string> find_path(const TrustStore& store, const ChainRequest& request,
                              const Certificate& leaf, const std::vector<Certificate>& others) {
  return Search(store, request, others).run(leaf);
}

}  // namespace iked::pki
