// SPDX-License-Identifier: ISC
// What an exchange wants next. Every function of an exchange returns one of these; IkeSa carries it
// out.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "ike/job.h"
#include "wire/message.h"

namespace iked::ike {

class Exchange;
class OwnExchange;
class IkeSa;
struct Context;

/// Our request, or the next one of the same exchange. A response will come.
struct Send {
  wire::Payloads payloads;
};

/// The exchange is over. For the peer's request `response` is sent; after our own, `next` starts at
/// once.
struct Done {
  wire::Payloads response;
  std::unique_ptr<OwnExchange> next;
};

/// The exchange failed. The peer's request is answered with the notify; the cause goes to our log
/// in `why`, which names the policy's side of it and the cure. `fatal`: the IKE SA ends with it.
struct Reject {
  NotifyType notify = NotifyType::INVALID_SYNTAX;
  Bytes data;
  std::string why;
  bool fatal = true;
};

/// This message is not worth anything: as if it had never come. It may come again.
struct Ignore {
  std::string why;
};

/// Work outside comes first; then `next` is called with its result.
struct Await;

using Step = std::variant<Send, Done, Reject, Ignore, Await>;

using Continuation = Step (*)(Exchange&, Context&, IkeSa&, JobResult);

struct Await {
  Job job;
  Continuation next;
  std::string_view at;  // "SaInitResponder::on_shared_secret", for people
};

namespace detail {

template <typename Method>
struct MethodTraits;
template <typename X, typename R>
struct MethodTraits<Step (X::*)(Context&, IkeSa&, R)> {
  using Class = X;
  using Outcome = std::remove_cvref_t<R>;
};

// "... [with auto Method = &iked::ike::SaInitResponder::on_shared_secret; ...]" -> the last two
// names.
template <auto Method>
constexpr std::string_view method_name() {
  std::string_view text = __PRETTY_FUNCTION__;
  text = text.substr(text.find("Method = ") + 9);
  text = text.substr(0, text.find_first_of("];("));
  // clang and gcc spell the pointer differently; both end in Class::method.
  const size_t method = text.rfind("::");
  const size_t scope = text.rfind("::", method - 1);
  return scope == std::string_view::npos ? text : text.substr(scope + 2);
}

}  // namespace detail

/// `return await<&SaInitResponder::on_shared_secret>(job);` - the continuation is a named member
/// function, so it can be searched for, broken at, and shown to the administrator.
template <auto Method>
Await await(Job job) {
  using Traits = detail::MethodTraits<decltype(Method)>;
  return Await{std::move(job),
               [](Exchange& exchange, Context& ctx, IkeSa& sa, JobResult result) -> Step {
                 auto& self = static_cast<typename Traits::Class&>(exchange);
                 return (self.*Method)(ctx, sa,
                                       std::get<typename Traits::Outcome>(std::move(result)));
               },
               detail::method_name<Method>()};
}

}  // namespace iked::ike
