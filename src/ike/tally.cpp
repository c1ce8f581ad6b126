// SPDX-License-Identifier: ISC
#include "ike/tally.h"

namespace iked::ike {

std::string_view counter_name(Fruitless kind) {
  switch (kind) {
    case Fruitless::not_ike:
      return "MessagesNotIke";
    case Fruitless::other_version:
      return "MessagesOfOtherVersion";
    case Fruitless::unknown_spi:
      return "MessagesWithUnknownSpi";
    case Fruitless::malformed:
      return "MessagesMalformed";
    case Fruitless::bad_icv:
      return "MessagesWithBadIcv";
    case Fruitless::bad_fragment:
      return "FragmentsOutOfPlace";
    case Fruitless::stale_request:
      return "RequestsStale";
    case Fruitless::early_request:
      return "RequestsBeyondWindow";
    case Fruitless::busy_request:
      return "RequestsRepeatedTooSoon";
    case Fruitless::answered_again:
      return "RequestsAnsweredAgain";
    case Fruitless::unexpected_response:
      return "ResponsesUnexpected";
    case Fruitless::out_of_place:
      return "MessagesOutOfPlace";
    case Fruitless::ignored:
      return "ResponsesIgnored";
    case Fruitless::cookie_demanded:
      return "CookiesDemanded";
    case Fruitless::too_many_half_open:
      return "FirstMessagesRefused";
    case Fruitless::answer_held_back:
      return "AnswersHeldBack";
  }
  return "?";
}

}  // namespace iked::ike
