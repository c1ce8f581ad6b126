// SPDX-License-Identifier: ISC
// One IKE SA: it seals and opens messages, keeps the window and the timers, and runs at most one
// exchange in each direction. What an exchange says is in exchange/; which SAs there are is in
// SaTable; when to start them is in Upkeep.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "base/log.h"
#include "ike/context.h"
#include "ike/exchange.h"
#include "ike/fragment_queue.h"
#include "ike/sa_state.h"

namespace iked::ike {

/// The two first messages and nonces, which AUTH covers (RFC7296 2.15). Goes when the SA is
/// established.
struct Transcript {
  Bytes init_request;
  Bytes init_response;
  Bytes nonce_i;
  Bytes nonce_r;
  std::vector<Bytes> wanted_authorities;  // of the called side's CERTREQ
  std::vector<HashId> peer_hashes;        // RFC7427 4; empty: the peer does not know it
};

/// A rekey of the IKE SA by the peer that is through, while ours is under way.
struct PeerIkeRekey {
  SaId heir;
  Bytes lower_nonce;
};

class IkeSa {
 public:
  IkeSa(SaState state, std::string policy_name);
  IkeSa(const IkeSa&) = delete;
  IkeSa& operator=(const IkeSa&) = delete;

  // ---- inputs; each may end in phase dead, and then the owner forgets this object

  /// Starts an exchange of ours, or queues it behind the one under way.
  void start(Context& ctx, std::unique_ptr<OwnExchange> exchange);
  /// The first message of a new peer, parsed; `octets` as it came.
  void on_first_message(Context& ctx, const wire::Message& message, ByteView octets);
  /// The same once more: the answer is sent again, if there is one yet.
  void on_repeated_first_message(Context& ctx);
  /// Any later message that carries our SPI.
  void on_message(Context& ctx, const wire::Header& header, Datagram datagram);
  /// False when no exchange here waits for this job.
  bool on_job_done(Context& ctx, JobId id, JobResult result);
  void on_deadline(Context& ctx);
  std::optional<Time> next_deadline() const;

  /// Ends the SA with a Delete, after what is under way. `why` for the log.
  void close(Context& ctx, std::string why);
  /// Ends it without a word to the peer; children leave the kernel.
  void die(Context& ctx, std::string why);
  /// Something unauthenticated says that the peer has lost this SA: look, but not too often
  /// (RFC7296 2.4).
  void suspect(Context& ctx);
  /// The replacement did not come up: ask for another one then.
  void replace_again_at(Time at) {
    replacement.reset();
    call_again_at_ = at;
  }
  /// Passive mode begins: nothing is asked any more, and what ends does so without a word.
  void fall_silent(Context& ctx);
  /// And is over: what it held back is due now. `own` are the addresses of this host, if known.
  void speak_again(Context& ctx, const std::vector<IpAddress>& own);
  /// Starts what is due, when nothing else is under way: to be called after every input.
  void see_to(Context& ctx);

  // ---- what exchanges read and change

  SaState& state() { return state_; }
  const SaState& state() const { return state_; }
  Phase phase() const { return phase_; }
  Transcript& transcript();
  /// Both sides are proven: the timers of the established SA begin. The transcript goes with the
  /// exchange.
  void set_established(Context& ctx);
  /// A Delete of ours is about to be sent.
  void begin_closing() { phase_ = Phase::closing; }
  /// The peer ends the SA with the request that is being answered.
  void die_after_response(std::string why) { dying_why_ = std::move(why); }
  /// The policy changes when the ID tells more than the address did.
  void set_policy(Context& ctx, PolicyEntry& entry);
  const PolicyEntry& policy(const Context& ctx) const;
  /// Plans the next liveness check, after dpd_check_interval has changed.
  void plan_liveness(Context& ctx);
  /// A reload keeps the policy, perhaps under another name.
  void rename_policy(const std::string& name) { policy_name_ = name; }
  /// What the exchange of ours is about that the peer may know of, or is sure to get.
  OwnWork own_work() const;

  // ---- children (ike_sa_children.cpp)

  void add_child(ChildSa child) { state_.children.push_back(std::move(child)); }
  /// To where we are now; its SPI was reserved before the SA moved.
  void move_youngest_child(Context& ctx) {
    if (!state_.mobility.unproven) move_child(ctx, state_.children.back());
  }
  /// An inbound SPI that waits in the kernel, under the addresses that it was reserved with, until
  /// it is taken to be installed or given back.
  void note_reserved(const SaKey& inbound) { reserved_.push_back(inbound); }
  SaKey take_reserved(ProtocolId protocol, ChildSpi spi);
  const std::vector<SaKey>& reserved() const { return reserved_; }
  /// Null when there is none.
  ChildSa* child_by_inbound(const SaKey& inbound);
  ChildSa* child_by_outbound(ProtocolId protocol, ChildSpi spi);
  /// Takes a child out of the kernel and forgets it. False when there is none.
  bool remove_child(Context& ctx, const SaKey& inbound);
  /// The kernel says that its time runs out: a new one takes its place.
  void want_rekey(Context& ctx, const SaKey& inbound);
  /// A child beside the others, unless one with the reqid `instead_of` is in use.
  void want_child(WantedChild wanted) { state_.wanted.push_back(std::move(wanted)); }
  /// Our rekey of `old` has made `fresh`; `lost`: both sides did it, and ours is redundant.
  void rekeyed_by_us(Context& ctx, const SaKey& old, const SaKey& fresh, bool lost);
  bool own_child_rekey_loses(const SaKey& old, ByteView own_lower);
  /// The peer's rekey of `old` has made `fresh`; `compare`: ours is under way.
  void rekeyed_by_peer(Context& ctx, const SaKey& old, const SaKey& fresh, ByteView lower,
                       bool compare);
  /// Our rekey of `old` came to nothing: the peer's stands, where there was one. False when there
  /// was none.
  bool rekey_failed(Context& ctx, const SaKey& old);
  /// The same, and it is to be tried again after a pause. After some minutes of that the IKE SA is
  /// replaced (RFC7296 2.25).
  void rekey_put_off(Context& ctx, const SaKey& old);
  /// A child in use has this reqid.
  bool uses(Reqid reqid) const;
  /// A child in use has its flows, or its reqid.
  bool carries(const WantedChild& wanted) const;
  /// This child may have to wait with sending (Sending::later) until the peer uses it.
  void watch_for_traffic(Context& ctx, const SaKey& inbound);
  /// The peer has begun anew with the SA `heir`: of the children whose flows that one has as well,
  /// the SAs stay in the kernel a moment longer. They are this SA's no more.
  void leave_children_to(Context& ctx, const IkeSa& heir);

  // ---- address changes, RFC 4555 (ike_sa_mobility.cpp)

  /// The host's addresses or routes have changed; `own` is what it has now,
  /// `other_addresses` whether that differs from before.
  void on_network_change(Context& ctx, const std::vector<IpAddress>& own, bool other_addresses);
  /// What a request of the peer says about addresses; appends what the answer has to say.
  void answer_mobility(Context& ctx, const wire::Message& message, wire::Payloads& answer);
  /// The peer has answered that it knows where we are.
  void path_confirmed(Context& ctx, const wire::Message& answer);
  /// The present address of the peer is its own.
  void path_proven(Context& ctx);
  /// Tells the peer, once nothing else is under way, what is to be known about addresses.
  void want_address_work(Time at) { address_work_at_ = at; }
  /// The two NAT detection notifies of a message on the present path.
  wire::Payloads nat_detection(const Context& ctx) const;
  /// The address to call from when this SA is replaced.
  IpAddress calling_address() const { return new_local_.value_or(state_.path.local.address); }

  // ---- a new IKE SA in the place of this one (ike_sa_rekey.cpp)

  /// The IKE SA that a rekey of this one makes: established, without children yet.
  IkeSa& make_heir(Context& ctx, Role role, IkeSpi spi_i, IkeSpi spi_r, const IkeSuite& suite,
                   crypto::IkeKeys keys);
  /// New keys are due, whatever the lifetime says.
  void want_ike_rekey(Time at) {
    if (phase_ == Phase::established) rekey_at_ = at;
  }
  /// Our rekey has made `heir`; the nonces decide where the peer's did, too.
  void ike_rekeyed_by_us(Context& ctx, IkeSa& heir, ByteView lower);
  void ike_rekeyed_by_peer(Context& ctx, IkeSa& heir, ByteView lower, bool compare);
  /// Our rekey came to nothing; as rekey_failed.
  bool ike_rekey_failed(Context& ctx);
  void ike_rekey_put_off(Context& ctx);
  /// When new keys are due; nothing when they never are.
  const std::optional<Time>& rekey_at() const { return rekey_at_; }
  /// The IKE SA that has taken over from this one.
  std::optional<SaId> heir() const { return heir_; }
  /// Those that rekeys have made since the last call, for the owner.
  std::vector<SaId> take_born() { return std::exchange(born_, {}); }
  /// A child is being made, or about to be.
  bool expects_child() const;
  /// Nobody counts on it: replaced, redundant, or not in charge yet.
  bool is_spare() const { return heir_.has_value() || standby_ || spare_until_.has_value(); }

  /// What went wrong last, for `show policy` and the next try.
  void note_failure(std::string why, FailureKind kind = FailureKind::other) {
    failure_ = std::move(why);
    failure_kind_ = kind;
  }
  /// Of what kind it is that ends the SA now.
  void blame(FailureKind kind) { failure_kind_ = kind; }
  const std::string& failure() const { return failure_; }
  FailureKind failure_kind() const { return failure_kind_; }

  bool initial_contact_received = false;
  bool child_failed = false;        // established, but the child was refused
  bool first_child_due = false;     // established; the first child comes by CREATE_CHILD_SA
  bool wants_replacement = false;   // a new call instead of a rekey
  std::optional<SaId> replacement;  // the SA that calls
  bool announced = false;           // the owner knows that it is established
  bool heir_announced = false;      // the owner knows that it is replaced
  std::optional<SaId> replaces;     // ends when this one is established

  // ---- for people

  /// Both IDs come with an event alone: they cost more than the rest.
  log::About about(log::Event event = log::Event::none) const;
  std::string_view waiting_at() const;
  std::string state_word() const;

 private:
  /// A large message goes out in smaller packets from this transmission on.
  static constexpr size_t recut_from = 3;

  struct Pending {
    JobId job;
    Continuation next;
    std::string_view at;
  };

  void on_request(Context& ctx, const wire::Header& header, Datagram& datagram);
  void on_response(Context& ctx, const wire::Header& header, Datagram& datagram);
  void on_fragment(Context& ctx, const wire::Header& header, Datagram& datagram);
  bool is_awaited(const wire::Header& header) const;
  static void count_unserved(Context& ctx, Window::Verdict verdict);
  void take_response(Context& ctx, wire::Parsed<wire::Message> message);
  void take_request(Context& ctx, const wire::Header& header, const Datagram& datagram,
                    wire::Parsed<wire::Message> message);
  void answer_again(Context& ctx, const Datagram& datagram);
  void on_init_response(Context& ctx, const wire::Header& header, const Datagram& datagram);
  void answer_broken_request(Context& ctx, const wire::Header& header,
                             const wire::ParseFailure& failure);
  void run_request(Context& ctx, const wire::Message& message);
  void proceed_own(Context& ctx, Step step);
  void proceed_theirs(Context& ctx, Step step);
  Pending suspend(Context& ctx, Await await);
  void finish_own(Context& ctx, std::unique_ptr<OwnExchange> next);
  void fail_own(Context& ctx, const Reject& reject);
  void send_request(Context& ctx, wire::Payloads payloads);
  void send_response(Context& ctx, ExchangeType exchange, wire::Payloads payloads);
  wire::Header header_of(ExchangeType exchange, bool response, MessageId id) const;
  Bytes next_iv(Context& ctx);
  Datagrams encode(Context& ctx, ExchangeType exchange, bool response, MessageId id,
                   const wire::Payloads& payloads);
  Datagrams seal_fragments(Context& ctx, const wire::Header& header,
                           const std::vector<wire::Fragment>& fragments);
  std::optional<Datagrams> recut(Context& ctx, const Datagrams& datagrams);
  size_t fragment_room(uint16_t mtu) const;
  void follow_size(size_t octets);
  void send(Context& ctx, const Datagrams& datagrams);
  void send_to(Context& ctx, const Path& path, const Datagrams& datagrams);
  void retransmit(Context& ctx);
  log::About about_end() const;
  void check_liveness(Context& ctx);
  void keep_nat_open(Context& ctx);
  void check_lifetime(Context& ctx);
  bool traffic_seen(Context& ctx) const;
  void follow_path(Context& ctx);
  void look_for_path(Context& ctx, const IpAddress& remote);
  void on_path_found(Context& ctx, const Result<ResolveResult>& result);
  void change_path(Context& ctx, const Path& path);
  void follow_update(Context& ctx, const wire::Message& message);
  void move_children(Context& ctx);
  void move_child(Context& ctx, ChildSa& child);
  void plan_keepalives(Context& ctx);
  bool try_other_address(Context& ctx);
  std::unique_ptr<OwnExchange> address_work();
  crypto::MessageKeys keys_of(Role sender) const;
  void remove_child_at(Context& ctx, size_t index);
  void see_to_sending(Context& ctx);
  void start_sending(Context& ctx, ChildSa& child);
  void start_sending_instead_of(Context& ctx, const ChildSa& old);
  void others_start_sending(Context& ctx, Reqid reqid);
  std::unique_ptr<OwnExchange> due_work(Context& ctx);
  std::unique_ptr<OwnExchange> due_child_work(Context& ctx, ChildSa& child);
  bool may_work(Context& ctx) const;
  std::optional<Time> next_work() const;
  void put_off_work(Time until);
  void resume_work(Time now);
  template <typename Change>
  void change_work_times(const Change& change);
  void start_next(Context& ctx);
  void hand_over(Context& ctx, IkeSa& heir);
  void adopt(Context& ctx);
  void plan_timers(Context& ctx);
  bool out_of_step(Context& ctx, const std::optional<Time>& since);

  SaState state_;
  Phase phase_ = Phase::connecting;
  std::string policy_name_;
  std::string peer_text_;
  std::unique_ptr<Transcript> transcript_;
  std::unique_ptr<OwnExchange> ours_;
  bool ours_sent_ = false;  // the peer may know of it
  std::unique_ptr<PeerExchange> theirs_;
  std::deque<std::unique_ptr<OwnExchange>> queue_;
  std::optional<Pending> ours_pending_;
  std::optional<Pending> theirs_pending_;
  Path reply_path_;  // where the request under way came from
  FragmentQueue request_parts_;
  FragmentQueue response_parts_;
  std::optional<std::string> dying_why_;
  bool delete_queued_ = false;      // close() was called, something else is under way
  std::optional<Time> give_up_at_;  // half-open: until here, then it goes
  std::optional<Time> liveness_at_;
  std::optional<Time> keepalive_at_;  // behind a NAT
  std::optional<Time> rekey_at_;      // lifetime, soft, or when to try again
  std::optional<Time> lifetime_at_;   // and hard
  std::optional<Time> call_again_at_;
  unsigned rekey_tries_ = 0;
  std::optional<Time> put_off_until_;  // work that passive mode holds back
  std::optional<Time> rekey_put_off_since_;
  std::vector<SaId> born_;
  std::optional<SaId> heir_;
  std::optional<PeerIkeRekey> peer_rekey_;
  std::vector<SaKey> reserved_;
  bool standby_ = false;             // made by the peer's rekey while ours is under way
  std::optional<Time> spare_until_;  // the peer is to delete it; from then on we do
  Time suspected_at_{};
  std::optional<JobId> path_job_;  // looks for the way to wanted_remote_
  IpAddress wanted_remote_;
  bool look_closer_ = false;            // the network may be another one behind the same address
  std::optional<IpAddress> new_local_;  // ours is gone, and the peer does not follow
  std::optional<Time> address_work_at_;
  size_t addresses_tried_ = 0;  // other ones of the peer, since it last answered
  std::string failure_;
  FailureKind failure_kind_ = FailureKind::other;
};

}  // namespace iked::ike
