/* health.h - /healthz, /readyz and /metrics. */
#ifndef BOT_HEALTH_H
#define BOT_HEALTH_H

#include <stdbool.h>

struct bot;
struct http_exchange;

void health_describe_metrics(void);
/* 200 while the loop turns. */
void health_reply_alive(struct http_exchange *exchange);
/* 200 when the journal can be written and Slack has said hello; else 503 and what is missing. */
void health_reply_ready(struct bot *bot, bool stopping, struct http_exchange *exchange);
void health_reply_metrics(struct bot *bot, struct http_exchange *exchange);

#endif
