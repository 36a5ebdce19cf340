/*
 * waits.h - how long Socket Mode waits for what. Ours are shortened by the time scale, deadlines on
 * Slack are not.
 */
#ifndef ADAPTERS_SLACK_WAITS_H
#define ADAPTERS_SLACK_WAITS_H

#include <stdint.h>

#define SLACK_HELLO_WAIT_MS 15000 /* deadline: from connecting to `hello` */
#define SLACK_DRAIN_MS 10000      /* deadline: Slack closes what it announced to close */
#define SLACK_DRAIN_AGAIN_MS 1000 /* and again, while there is no replacement */
#define SLACK_QUIESCE_MS 2000     /* deadline */
#define SLACK_GRACE_MS 500        /* a silent connection's last chance: was it us who slept? */

int64_t slack_wait_stagger_ms(unsigned slot); /* from the start; slots' refreshes stay 10 s apart */
int64_t slack_wait_ping_ms(void);             /* 10 s */
int64_t slack_wait_silence_ms(void);          /* 30 s; at least 5 s however short the scale */
int64_t slack_wait_proven_ms(void);           /* 60 s: a connection that lived so long was a good one */
int64_t slack_wait_disabled_ms(void);         /* 5 min */
/* n >= 1: 1 s * 2^(n-1), at most 60 s; half of it fixed, half random. */
int64_t slack_wait_backoff_ms(unsigned n);
/* n >= 1: likewise, at most 5 s: for the successor of one that Slack will close in 10 s. */
int64_t slack_wait_replace_ms(unsigned n);
/* n >= 1: likewise, never below 30 s, at most 10 min. */
int64_t slack_wait_too_many_ms(unsigned n);
/* How long to use a connection that Slack says lives for life_ms; 0: it did not say. Not scaled. */
int64_t slack_wait_refresh_ms(int64_t life_ms);

#endif
