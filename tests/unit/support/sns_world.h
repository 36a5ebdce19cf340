/*
 * sns_world.h - a loop with a client, and an SNS endpoint of our own behind TLS that serves signing
 * certificates and confirms subscriptions. One world a test program.
 */
#ifndef TESTS_SNS_WORLD_H
#define TESTS_SNS_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "bot/str.h"
#include "tests/unit/support/http_certs.h"

struct http_client;
struct http_exchange;
struct http_server;
struct loop;

#define WORLD_HELD_MAX 64

struct sns_world {
	struct loop *loop;
	struct http_certs certs;
	struct http_server *host;
	struct http_client *client;
	/* How the endpoint behaves. */
	int certificate_status;  /* 200 */
	const char *certificate; /* borrowed */
	int confirm_status;      /* 200 */
	const char *confirm_xml; /* borrowed */
	bool hold;               /* answers wait for sns_world_release */
	/* What it saw. */
	unsigned downloads, confirmations;
	struct str log; /* every line written since sns_world_reset */
	char last_form[4096];
	struct http_exchange *held[WORLD_HELD_MAX];
	bool held_confirms[WORLD_HELD_MAX];
	unsigned held_count;
};

extern struct sns_world world;
extern int64_t world_now_ms; /* what both clocks say */

#define WORLD_CONFIRMED_XML \
	"<ConfirmSubscriptionResponse><ConfirmSubscriptionResult><SubscriptionArn>" \
	"arn:aws:sns:us-west-2:123456789012:alarms:b24e11a2-06bd-4e73-aa29-0ed2de3b41b5" \
	"</SubscriptionArn></ConfirmSubscriptionResult></ConfirmSubscriptionResponse>"

int sns_world_start(void **state); /* cmocka's group setup and teardown */
int sns_world_stop(void **state);
int sns_world_reset(void **state); /* setup of each test: a good endpoint, nothing seen */
void sns_world_release(void);      /* answers what is held; holds no longer */
/* Turns the loop until *counter is at least `count`. */
void sns_world_until(const unsigned *counter, unsigned count);

#endif
