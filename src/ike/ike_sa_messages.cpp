// SPDX-License-Identifier: ISC
// The messages of an IKE SA: seal and open, window, and carrying out what the exchanges say.
// Declared in ike/ike_sa.h.
#include "base/check.h"
#include "base/overloaded.h"
#include "ike/exchange/informational.h"
#include "ike/exchanges.h"
#include "ike/ike_sa.h"
#include "ike/sa_table.h"

namespace iked::ike {
namespace {

// How often passive mode looks again at a request that it may not repeat.
constexpr Duration silence_check = 60s;

size_t octets_of(const Datagrams& datagrams) {
  size_t octets = 0;
  for (const Bytes& datagram : datagrams) octets += datagram.size();
  return octets;
}

}  // namespace

// ---- in

void IkeSa::on_first_message(Context& ctx, const wire::Message& message, ByteView octets) {
  transcript().init_request = to_bytes(octets);
  state_.window.begin_request(message.header.message_id);
  run_request(ctx, message);
}

void IkeSa::on_repeated_first_message(Context& ctx) {
  // RFC7296 2.1: a repeated request is answered with the same octets.
  if (phase_ != Phase::connecting || state_.window.answering()) {
    ctx.tally.count(Fruitless::busy_request);
  } else {
    ctx.tally.count(Fruitless::answered_again);
    send(ctx, state_.window.last_response());
  }
}

void IkeSa::on_message(Context& ctx, const wire::Header& header, Datagram datagram) {
  if (phase_ == Phase::dead) return;
  // RFC7296 3.1: the I flag is the sender's role, and both SPIs must be this SA's.
  const bool from_peer_role = header.from_initiator == (state_.role == Role::responder);
  const bool spis_fit =
      header.spi_i == state_.spi_i && (header.spi_r == state_.spi_r || state_.keys.empty());
  if (!from_peer_role || !spis_fit) return ctx.tally.count(Fruitless::out_of_place);
  if (state_.keys.empty()) {
    if (header.response && header.exchange == ExchangeType::IKE_SA_INIT) {
      on_init_response(ctx, header, datagram);
    } else {
      ctx.tally.count(Fruitless::out_of_place);
    }
    return;
  }
  if (wire::is_fragment(header, datagram.octets)) {
    on_fragment(ctx, header, datagram);
  } else if (header.response) {
    on_response(ctx, header, datagram);
  } else {
    on_request(ctx, header, datagram);
  }
}

void IkeSa::on_init_response(Context& ctx, const wire::Header& header, const Datagram& datagram) {
  if (!ours_ || ours_pending_ ||
      !state_.window.expects_response(header.message_id, header.exchange)) {
    return ctx.tally.count(Fruitless::unexpected_response);
  }
  auto message = wire::parse_message(header, datagram.octets);
  // RFC7296 2.21.1: it may be anybody's; the true answer may still come.
  if (!message) {
    ctx.tally.count(Fruitless::malformed);
    return log::debug(*this, "useless answer: {}", message.error().why);
  }
  transcript().init_response = datagram.octets;
  proceed_own(ctx, ours_->on_response(ctx, *this, *message));
}

void IkeSa::on_response(Context& ctx, const wire::Header& header, Datagram& datagram) {
  if (!state_.window.expects_response(header.message_id, header.exchange)) {
    return ctx.tally.count(Fruitless::unexpected_response);
  }
  const Role sender = state_.role == Role::initiator ? Role::responder : Role::initiator;
  auto message = wire::open_message(header, datagram.octets, keys_of(sender));
  if (!message) {
    if (!message.error().authentic) {
      ctx.tally.count(Fruitless::bad_icv);
      // Our Delete came a second time and the peer has forgotten the SA: whoever says so, it is
      // closed.
      if (phase_ == Phase::closing && state_.window.transmissions() > 1) return die(ctx, "closed");
      // RFC7296 2.4, 2.21.4: an unprotected INVALID_IKE_SPI is a hint, nothing more.
      return suspect(ctx);
    }
    return take_response(ctx, std::unexpected(std::move(message.error().failure)));
  }
  take_response(ctx, std::move(*message));
}

// It is authentic, but perhaps not well-formed.
void IkeSa::take_response(Context& ctx, wire::Parsed<wire::Message> message) {
  response_parts_.clear();
  state_.window.response_accepted();
  if (!message) {
    return fail_own(ctx, {NotifyType::INVALID_SYNTAX, {}, message.error().why, true});
  }
  state_.last_heard = ctx.now;
  addresses_tried_ = 0;
  if (ours_) proceed_own(ctx, ours_->on_response(ctx, *this, *message));
}

void IkeSa::on_request(Context& ctx, const wire::Header& header, Datagram& datagram) {
  const Role sender = state_.role == Role::initiator ? Role::responder : Role::initiator;
  // RFC7296 3.14: the ICV first; nothing else of the message is looked at before it is right.
  auto message = wire::open_message(header, datagram.octets, keys_of(sender));
  if (!message && !message.error().authentic) {
    ctx.tally.count(Fruitless::bad_icv);
    if (ctx.gate.may_log(ctx.now)) log::info(*this, "dropped: {}", message.error().failure.why);
    return;
  }
  if (!is_awaited(header)) return ctx.tally.count(Fruitless::out_of_place);
  state_.last_heard = ctx.now;
  const Window::Verdict verdict = state_.window.classify_request(header.message_id);
  if (verdict == Window::Verdict::repeated) return answer_again(ctx, datagram);
  if (verdict != Window::Verdict::fresh) return count_unserved(ctx, verdict);
  if (!message) {
    return take_request(ctx, header, datagram, std::unexpected(message.error().failure));
  }
  take_request(ctx, header, datagram, std::move(*message));
}

void IkeSa::count_unserved(Context& ctx, Window::Verdict verdict) {
  switch (verdict) {
    case Window::Verdict::in_progress:
      return ctx.tally.count(Fruitless::busy_request);
    case Window::Verdict::stale:
      return ctx.tally.count(Fruitless::stale_request);
    case Window::Verdict::ahead:
      return ctx.tally.count(Fruitless::early_request);
    case Window::Verdict::fresh:
    case Window::Verdict::repeated:
      return;
  }
}

bool IkeSa::is_awaited(const wire::Header& header) const {
  if (header.response) {
    return state_.window.expects_response(header.message_id, header.exchange);
  }
  // RFC7296 1.2: IKE_SA_INIT alone comes in clear. Sealed into an SA that has keys it would have us
  // begin again, and its answer cannot be sealed.
  if (header.exchange == ExchangeType::IKE_SA_INIT) return false;
  // RFC7296 2.15: the responder proves itself in its IKE_AUTH response. Before that is checked
  // nothing that it asks for counts, least of all an IKE_AUTH request, in which our own proof could
  // come back to us as the peer's. An honest one asks again.
  return phase_ != Phase::connecting || state_.role == Role::responder;
}

// It is authentic and the next one, but perhaps not well-formed.
void IkeSa::take_request(Context& ctx, const wire::Header& header, const Datagram& datagram,
                         wire::Parsed<wire::Message> message) {
  request_parts_.clear();
  state_.window.begin_request(header.message_id);
  reply_path_ = {datagram.local, datagram.remote, datagram.natt};
  follow_path(ctx);
  if (!message) return answer_broken_request(ctx, header, message.error());
  log::debug(*this, "{} request {} from {}", to_string(header.exchange), header.message_id.value,
             datagram.remote);
  run_request(ctx, *message);
}

void IkeSa::answer_broken_request(Context& ctx, const wire::Header& header,
                                  const wire::ParseFailure& failure) {
  // RFC7296 2.21.3: INVALID_SYNTAX in a protected exchange ends the SA; an unknown critical payload
  // only rejects this request, unless the SA is not up yet.
  const bool fatal = failure.notify == NotifyType::INVALID_SYNTAX || phase_ == Phase::connecting;
  log::About broken = about(log::Event::broken_message);
  broken.exchange = to_string(header.exchange);
  broken.notify = to_string(failure.notify);
  log::warn(broken, "the peer's {} request is broken: {}", to_string(header.exchange), failure.why);
  send_response(ctx, header.exchange,
                {wire::NotifyPayload{failure.notify, ProtocolId::NONE, {}, failure.data}});
  if (fatal) die(ctx, fmt::format("the peer sent a broken request: {}", failure.why));
}

void IkeSa::run_request(Context& ctx, const wire::Message& message) {
  const ExchangeType exchange = message.header.exchange;
  const Role sender = state_.role == Role::initiator ? Role::responder : Role::initiator;
  const ResponderRow* row = responder_for(message, phase_, sender);
  if (row == nullptr) {
    // RFC7296 2.21.2: out of place before authentication, and no way to go on after it.
    send_response(ctx, exchange,
                  {wire::NotifyPayload{NotifyType::INVALID_SYNTAX, ProtocolId::NONE, {}, {}}});
    return die(ctx, fmt::format("{} request out of place", to_string(exchange)));
  }
  theirs_ = row->make();
  if (auto broken = check_payloads(row->required, message)) {
    return proceed_theirs(ctx, std::move(*broken));
  }
  proceed_theirs(ctx, theirs_->on_request(ctx, *this, message));
}

bool IkeSa::on_job_done(Context& ctx, JobId id, JobResult result) {
  if (phase_ == Phase::dead) return false;
  if (path_job_ == id) {
    path_job_.reset();
    on_path_found(ctx, std::get<Result<ResolveResult>>(result));
    return true;
  }
  if (ours_pending_ && ours_pending_->job == id) {
    const Continuation next = std::exchange(ours_pending_, std::nullopt)->next;
    proceed_own(ctx, next(*ours_, ctx, *this, std::move(result)));
    return true;
  }
  if (theirs_pending_ && theirs_pending_->job == id) {
    const Continuation next = std::exchange(theirs_pending_, std::nullopt)->next;
    proceed_theirs(ctx, next(*theirs_, ctx, *this, std::move(result)));
    return true;
  }
  return false;
}

// ---- what exchanges say

void IkeSa::start(Context& ctx, std::unique_ptr<OwnExchange> exchange) {
  // RFC7296 2.3: one request at a time, because the peer's window is 1. Passive mode has none.
  if (ours_ || ctx.passive) {
    queue_.push_back(std::move(exchange));
    return;
  }
  ours_ = std::move(exchange);
  ours_sent_ = false;
  proceed_own(ctx, ours_->start(ctx, *this));
}

IkeSa::Pending IkeSa::suspend(Context& ctx, Await await) {
  const JobId id = ctx.sas.new_job(state_.id);
  ctx.out.add(StartJob{id, std::move(await.job)});
  return {id, await.next, await.at};
}

void IkeSa::proceed_own(Context& ctx, Step step) {
  if (phase_ == Phase::dead) return;
  std::visit(overloaded{
                 [&](Send& send) { send_request(ctx, std::move(send.payloads)); },
                 [&](Done& done) { finish_own(ctx, std::move(done.next)); },
                 [&](Reject& reject) { fail_own(ctx, reject); },
                 [&](Ignore& ignore) {
                   ctx.tally.count(Fruitless::ignored);
                   log::debug(*this, "ignored: {}", ignore.why);
                 },
                 [&](Await& await) { ours_pending_ = suspend(ctx, std::move(await)); },
             },
             step);
}

void IkeSa::finish_own(Context& ctx, std::unique_ptr<OwnExchange> next) {
  if (state_.window.waiting()) state_.window.response_accepted();
  ours_.reset();
  if (phase_ == Phase::established) transcript_.reset();
  if (next) return start(ctx, std::move(next));
  start_next(ctx);
}

void IkeSa::start_next(Context& ctx) {
  if (ours_ || queue_.empty() || ctx.passive) return;
  auto first = std::move(queue_.front());
  queue_.pop_front();
  start(ctx, std::move(first));
}

void IkeSa::fail_own(Context& ctx, const Reject& reject) {
  // Before IKE_AUTH went out the peer holds nothing that it would not forget by itself.
  const auto next_id = state_.window.next_own_id();
  const bool peer_knows = !state_.keys.empty() && !ctx.passive &&
                          (phase_ == Phase::established || (next_id && next_id->value > 1));
  // One Delete is enough, whatever it was answered with.
  if (phase_ != Phase::closing) blame(kind_of(reject.notify));
  if (!peer_knows || phase_ == Phase::closing) return die(ctx, reject.why);
  log::warn(about_end(), "giving up: {}", reject.why);
  note_failure(reject.why, kind_of(reject.notify));
  state_.window.abandon();
  ours_->abandon(ctx, *this);
  ours_.reset();
  queue_.clear();
  // RFC7296 2.21.2: a separate INFORMATIONAL tells the responder that it was not believed.
  start(ctx, std::make_unique<DeleteIkeSa>(reject.why, reject.notify));
}

void IkeSa::proceed_theirs(Context& ctx, Step step) {
  if (phase_ == Phase::dead) return;
  const ExchangeType exchange = theirs_->type();
  std::visit(overloaded{
                 [&](Send&) { IKED_CHECK(false && "a responder sends no request"); },
                 [&](Done& done) {
                   theirs_.reset();
                   send_response(ctx, exchange, std::move(done.response));
                   if (phase_ == Phase::established) transcript_.reset();
                   if (dying_why_) die(ctx, std::move(*dying_why_));
                 },
                 [&](Reject& reject) {
                   theirs_.reset();
                   // A notify that our own policy asks for is told once; strangers' failures are in
                   // die().
                   if (!reject.fatal)
                     log::info(*this, "{}: {}", to_string(reject.notify), reject.why);
                   send_response(
                       ctx, exchange,
                       {wire::NotifyPayload{reject.notify, ProtocolId::NONE, {}, reject.data}});
                   if (!reject.fatal) return;
                   blame(kind_of(reject.notify));
                   die(ctx, std::move(reject.why));
                 },
                 [&](Ignore& ignore) {
                   theirs_.reset();
                   state_.window.forget_request();
                   // Without its first message there is no IKE SA.
                   if (state_.keys.empty()) return die(ctx, std::move(ignore.why));
                   log::debug(*this, "ignored: {}", ignore.why);
                 },
                 [&](Await& await) { theirs_pending_ = suspend(ctx, std::move(await)); },
             },
             step);
}

// ---- out

void IkeSa::send_request(Context& ctx, wire::Payloads payloads) {
  const ExchangeType exchange = ours_->type();
  ours_sent_ = true;
  // RFC7296 2.2: IKE_SA_INIT has ID 0, again with a cookie or another group too.
  const auto id = exchange == ExchangeType::IKE_SA_INIT ? std::optional(MessageId{0})
                                                        : state_.window.next_own_id();
  if (!id) return die(ctx, "the message IDs are used up");
  Datagrams datagrams = encode(ctx, exchange, false, *id, payloads);
  if (exchange == ExchangeType::IKE_SA_INIT) transcript().init_request = datagrams.front();
  log::debug(*this, "{} request {} to {}, {} octets in {} datagrams", to_string(exchange),
             id->value, state_.path.remote, octets_of(datagrams), datagrams.size());
  send(ctx, datagrams);
  state_.window.sent(*id, exchange, std::move(datagrams), ctx.now, ctx.settings.response_wait_time);
}

void IkeSa::send_response(Context& ctx, ExchangeType exchange, wire::Payloads payloads) {
  const MessageId id = state_.window.request_being_answered();
  Datagrams datagrams = encode(ctx, exchange, true, id, payloads);
  if (exchange == ExchangeType::IKE_SA_INIT) transcript().init_response = datagrams.front();
  send_to(ctx, reply_path_, datagrams);
  state_.window.answered(std::move(datagrams));
}

void IkeSa::send(Context& ctx, const Datagrams& datagrams) {
  send_to(ctx,
          state_.role == Role::responder && phase_ == Phase::connecting ? reply_path_ : state_.path,
          datagrams);
}

void IkeSa::send_to(Context& ctx, const Path& path, const Datagrams& datagrams) {
  ctx.statistics.messages_sent += 1;
  if (datagrams.size() > 1) ctx.statistics.fragments_sent += datagrams.size();
  for (const Bytes& octets : datagrams) {
    ctx.out.add(SendDatagram{Datagram{path.local, path.remote, path.natt, octets}});
  }
}

void IkeSa::retransmit(Context& ctx) {
  if (ctx.passive) return state_.window.postpone(ctx.now + silence_check);
  // RFC7296 2.1: bit for bit the same, unless it is cut smaller. An exchange that waits for a job
  // has its answer already, except in IKE_SA_INIT, where the answer may turn out to be worthless.
  if (const Datagrams* request = state_.window.retransmit(ctx.now)) {
    ++ctx.statistics.requests_retransmitted;
    log::debug(*this, "request repeated, sent {} times by now", state_.window.transmissions());
    if (state_.window.transmissions() < recut_from) return send(ctx, *request);
    if (try_other_address(ctx)) return;
    if (auto smaller = recut(ctx, *request)) state_.window.recut_request(std::move(*smaller));
    return send(ctx, *request);
  }
  ++ctx.statistics.requests_timed_out;
  if (failure_kind_ == FailureKind::other) blame(FailureKind::timeout);
  die(ctx, ours_ ? ours_->on_no_answer(*this) : "the peer does not answer");
}

void IkeSa::follow_path(Context& ctx) {
  Path& path = state_.path;
  if (path.remote == reply_path_.remote && path.local == reply_path_.local) return;
  if (phase_ == Phase::connecting) {
    // RFC7296 2.23: IKE_AUTH comes from port 4500, through whatever the NAT made of it.
    path = reply_path_;
    peer_text_ = to_string(path.remote);
    return;
  }
  // RFC4555 3.8: with MOBIKE only UPDATE_SA_ADDRESSES moves anything.
  if (state_.mobility.agreed) return;
  // RFC7296 2.23: without it only a peer behind a NAT moves, and only where we are not behind one.
  if (!state_.nat.peer_is_behind || state_.nat.we_are_behind) return;
  if (path.remote.address != reply_path_.remote.address) return;
  log::info(*this, "the peer's NAT moved it to {}", reply_path_.remote);
  path.remote = reply_path_.remote;
  peer_text_ = to_string(path.remote);
  move_children(ctx);
}

}  // namespace iked::ike
