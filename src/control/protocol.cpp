// SPDX-License-Identifier: ISC
#include "control/protocol.h"

#include "base/overloaded.h"
#include "control/fields.h"

namespace iked::control {
namespace {

enum class Type : uint16_t {
  show_sas = 1,
  show_policies = 2,
  reload = 3,
  reset = 4,
  set_passive = 5,
  set_verbosity = 6,
  set_coupled = 7,
  reset_id = 8,
  show_statistics = 9,
  show_failures = 10,
  load = 11,
  connect = 12,
  disconnect = 13,
  monitor = 14,
  show_certificates = 15,

  sa_page = 101,
  policy_page = 102,
  succeeded = 103,
  failed = 104,
  statistics = 105,
  failures = 106,
  event = 107,
};

Type type_of(const Request& request) {
  return std::visit(overloaded{[](const ShowSas&) { return Type::show_sas; },
                               [](const ShowPolicies&) { return Type::show_policies; },
                               [](const Reload&) { return Type::reload; },
                               [](const Reset&) { return Type::reset; },
                               [](const SetPassive&) { return Type::set_passive; },
                               [](const SetVerbosity&) { return Type::set_verbosity; },
                               [](const SetCoupled&) { return Type::set_coupled; },
                               [](const ResetId&) { return Type::reset_id; },
                               [](const ShowStatistics&) { return Type::show_statistics; },
                               [](const ShowFailures&) { return Type::show_failures; },
                               [](const Load&) { return Type::load; },
                               [](const Connect&) { return Type::connect; },
                               [](const Disconnect&) { return Type::disconnect; },
                               [](const Monitor&) { return Type::monitor; },
                               [](const ShowCertificates&) { return Type::show_certificates; }},
                    request);
}

Type type_of(const Response& response) {
  return std::visit(overloaded{[](const SaPage&) { return Type::sa_page; },
                               [](const PolicyPage&) { return Type::policy_page; },
                               [](const Succeeded&) { return Type::succeeded; },
                               [](const Failed&) { return Type::failed; },
                               [](const StatisticRows&) { return Type::statistics; },
                               [](const FailureRows&) { return Type::failures; },
                               [](const EventRow&) { return Type::event; }},
                    response);
}

template <typename Message>
Frame frame_of(const Message& message) {
  Frame frame{static_cast<uint16_t>(type_of(message)), {}};
  Encoder encoder(frame.body);
  std::visit([&](const auto& body) { fields(encoder, body); }, message);
  return frame;
}

template <typename Message, typename Body>
Result<Message> parse(const Frame& frame, const char* what) {
  Reader reader(frame.body);
  Decoder decoder(reader);
  Body body;
  fields(decoder, body);
  return reader.finish(Message(std::move(body)), what);
}

std::string_view word_of(ResetTarget target) {
  switch (target) {
    case ResetTarget::all:
      return "all";
    case ResetTarget::ca:
      return "ca";
    case ResetTarget::policy:
      return "policy";
    case ResetTarget::sa:
      return "sa";
    case ResetTarget::user:
      return "user";
  }
  return "?";
}

}  // namespace

Frame to_frame(const Request& request) {
  return frame_of(request);
}

Frame to_frame(const Response& response) {
  return frame_of(response);
}

Result<Request> parse_request(const Frame& frame) {
  switch (Type{frame.type}) {
    case Type::show_sas:
      return parse<Request, ShowSas>(frame, "the request 'show sa'");
    case Type::show_policies:
      return parse<Request, ShowPolicies>(frame, "the request 'show policy'");
    case Type::reload:
      return parse<Request, Reload>(frame, "the request 'reload'");
    case Type::reset:
      return parse<Request, Reset>(frame, "the request 'reset'");
    case Type::set_passive:
      return parse<Request, SetPassive>(frame, "the request 'passive'");
    case Type::set_coupled:
      return parse<Request, SetCoupled>(frame, "the request 'couple'");
    case Type::set_verbosity: {
      auto request = parse<Request, SetVerbosity>(frame, "the request 'log'");
      if (request && std::get<SetVerbosity>(*request).level > SetVerbosity::max) {
        return fail("there is no such log level");
      }
      return request;
    }
    case Type::reset_id:
      return parse<Request, ResetId>(frame, "the request 'reset id'");
    case Type::show_statistics:
      return parse<Request, ShowStatistics>(frame, "the request 'show stats'");
    case Type::show_failures:
      return parse<Request, ShowFailures>(frame, "the request 'why'");
    case Type::load:
      return parse<Request, Load>(frame, "the request 'load'");
    case Type::connect:
      return parse<Request, Connect>(frame, "the request 'connect'");
    case Type::disconnect:
      return parse<Request, Disconnect>(frame, "the request 'disconnect'");
    case Type::monitor:
      return parse<Request, Monitor>(frame, "the request 'monitor'");
    case Type::show_certificates:
      return parse<Request, ShowCertificates>(frame, "the request 'show certstore'");
    default:
      return fail("iked does not know control request {}", frame.type);
  }
}

Result<Response> parse_response(const Frame& frame) {
  switch (Type{frame.type}) {
    case Type::sa_page:
      return parse<Response, SaPage>(frame, "the list of SAs");
    case Type::policy_page:
      return parse<Response, PolicyPage>(frame, "the list of policies");
    case Type::succeeded:
      return parse<Response, Succeeded>(frame, "the answer");
    case Type::failed:
      return parse<Response, Failed>(frame, "the answer");
    case Type::statistics:
      return parse<Response, StatisticRows>(frame, "the statistics");
    case Type::failures:
      return parse<Response, FailureRows>(frame, "the list of failures");
    case Type::event:
      return parse<Response, EventRow>(frame, "the event");
    default:
      return fail("iked sent an answer of unknown type {}", frame.type);
  }
}

std::string to_string(const Request& request) {
  return std::visit(
      overloaded{[](const ShowSas&) { return std::string("show sa"); },
                 [](const ShowPolicies&) { return std::string("show policy"); },
                 [](const Reload&) { return std::string("reload"); },
                 [](const Reset& r) { return fmt::format("reset {}", word_of(r.what)); },
                 [](const SetPassive& r) { return std::string(r.passive ? "passive" : "active"); },
                 [](const SetVerbosity& r) { return fmt::format("log level {}", r.level); },
                 [](const SetCoupled& r) { return std::string(r.coupled ? "couple" : "decouple"); },
                 [](const ResetId& r) { return fmt::format("reset id {}", r.identity); },
                 [](const ShowStatistics&) { return std::string("show stats"); },
                 [](const ShowFailures& r) { return fmt::format("why {}", r.name); },
                 [](const Load& r) { return fmt::format("load {}", r.path); },
                 [](const Connect& r) { return fmt::format("connect {}", r.policy); },
                 [](const Disconnect& r) { return fmt::format("disconnect {}", r.policy); },
                 [](const Monitor&) { return std::string("monitor"); },
                 [](const ShowCertificates&) { return std::string("show certstore"); }},
      request);
}

}  // namespace iked::control
