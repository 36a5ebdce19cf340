/* late.h - a completion that must not happen within the call that caused it. Private to adapters/slack. */
#ifndef ADAPTERS_SLACK_LATE_H
#define ADAPTERS_SLACK_LATE_H

#include "adapters/slack/web_api.h"

/* done gets no answer, and what the caller puts into the error (borrowed until then); ERR_NONE: success. */
struct err *slack_late(struct loop *loop, slack_web_fn *done, void *arg);

#endif
