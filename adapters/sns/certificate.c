#include "adapters/sns/certificate.h"

#include <stdint.h>
#include <string.h>

#include "adapters/sns/key.h"
#include "adapters/sns/signer.h"
#include "adapters/sns/waiting.h"
#include "bot/clock.h"
#include "bot/http_client.h"
#include "bot/log.h"
#include "bot/mem.h"

#define SLOTS 48       /* more than the pace lets run at once (10 + 1 a second for 5 s) */
#define MAX_WAITING 1024
#define MAX_FILE (16u << 10)
#define TIMEOUT_MS 5000
#define REST_MS 5000
#define PACE_MS 1000
#define PACE_BURST 10

struct slot { /* one URL: being fetched, good, or resting after a failure */
	struct sns_certificates *owner; /* NULL: it went away during the download */
	char *url;
	char name[SNS_SIGNER_NAME_SIZE];
	struct http_call *call;    /* set while being fetched */
	struct waiting waiting;
	struct sns_key *key;       /* set while good */
	struct err failure;        /* else why not ... */
	int64_t rests_until_ms;    /* ... and until when that is the answer; monotonic */
	int64_t used;              /* number of the last use, for eviction */
};

struct sns_certificates {
	struct http_client *client;
	struct slot *slots[SLOTS];
	int64_t uses;
	int64_t paced_ms; /* monotonic time up to which downloads have been spent */
	unsigned waiting;
};

struct sns_certificates *sns_certificates_new(struct http_client *client)
{
	struct sns_certificates *c = mem_alloc(sizeof(*c));

	c->client = client;
	return c;
}

static void slot_free(struct slot *slot)
{
	free(slot->url);
	sns_key_free(slot->key);
	free(slot);
}

void sns_certificates_free(struct sns_certificates *c)
{
	struct err gone;

	if (c == NULL)
		return;
	(void)err_set(&gone, ERR_CANCELLED, "shutting down");
	for (int i = 0; i < SLOTS; i++) {
		struct slot *slot = c->slots[i];

		if (slot == NULL)
			continue;
		waiting_complete(&slot->waiting, &gone);
		if (slot->call == NULL) {
			slot_free(slot);
			continue;
		}
		slot->owner = NULL; /* downloaded() frees it */
		http_client_cancel(slot->call);
	}
	free(c);
}

static struct slot *find_slot(struct sns_certificates *c, const char *url)
{
	for (int i = 0; i < SLOTS; i++)
		if (c->slots[i] != NULL && strcmp(c->slots[i]->url, url) == 0)
			return c->slots[i];
	return NULL;
}

struct sns_key *sns_certificates_find(struct sns_certificates *c, const char *url)
{
	struct slot *slot = find_slot(c, url);

	if (slot == NULL || slot->key == NULL)
		return NULL;
	if (!sns_key_is_valid(slot->key, clock_true_ms())) {
		sns_key_free(slot->key);
		slot->key = NULL;
		return NULL;
	}
	slot->used = ++c->uses;
	return slot->key;
}

/* A place for a new URL: empty, else the longest unused without a key, else the longest unused. */
static struct slot **make_place(struct sns_certificates *c)
{
	struct slot **worst = NULL;

	for (int i = 0; i < SLOTS; i++) {
		struct slot **at = &c->slots[i];

		if (*at == NULL)
			return at;
		if ((*at)->call != NULL)
			continue;
		if (worst == NULL || ((*at)->key == NULL && (*worst)->key != NULL) ||
		    (((*at)->key == NULL) == ((*worst)->key == NULL) && (*at)->used < (*worst)->used))
			worst = at;
	}
	if (worst != NULL) {
		slot_free(*worst);
		*worst = NULL;
	}
	return worst;
}

static bool take_pace(struct sns_certificates *c)
{
	int64_t now = clock_mono_ms(), step = clock_wait_ms(PACE_MS);

	if (c->paced_ms < now - PACE_BURST * step)
		c->paced_ms = now - PACE_BURST * step;
	if (c->paced_ms + step > now)
		return false;
	c->paced_ms += step;
	return true;
}

/* Any failure to get the file is our trouble, a 404 as well: SNS tries again, a forger may. */
static void take_answer(struct slot *slot, const struct http_answer *answer, const struct err *err)
{
	if (answer == NULL)
		(void)err_set(&slot->failure, ERR_RETRY,
		              "the signing certificate cannot be fetched: %.150s", err->text);
	else if (answer->status != 200)
		(void)err_set(&slot->failure, ERR_RETRY, "the signing certificate's host answers %d",
		              answer->status);
	else
		slot->key = sns_key_from_pem(answer->body, answer->body_length, slot->name,
		                             clock_true_ms(), &slot->failure);
}

static void downloaded(void *arg, const struct http_answer *answer, const struct err *err)
{
	struct slot *slot = arg;
	struct waiting waiting = slot->waiting;
	struct err failure;

	slot->call = NULL;
	if (slot->owner == NULL) {
		slot_free(slot);
		return;
	}
	slot->owner->waiting -= waiting.count;
	slot->waiting = (struct waiting){ 0 };
	take_answer(slot, answer, err);
	if (slot->key != NULL) {
		log_event(LOG_INFO, "sns.certificate", "url", slot->url, NULL);
		waiting_complete(&waiting, NULL);
		return;
	}
	slot->rests_until_ms = clock_mono_ms() + clock_wait_ms(REST_MS);
	failure = slot->failure; /* a callback may evict the slot */
	log_event(LOG_WARN, "sns.certificate-failed", "url", slot->url, "error", failure.text, NULL);
	waiting_complete(&waiting, &failure);
}

static void start(struct slot *slot)
{
	slot->call = http_client_send(slot->owner->client, &(struct http_request_out){
		.method = "GET",
		.url = slot->url,
		.timeout_ms = TIMEOUT_MS,
		.max_answer = MAX_FILE,
		.idempotent = true,
		.metric = "sns-certificate",
	}, downloaded, slot);
}

static struct slot *begin(struct sns_certificates *c, const char *url, const char *region,
                          struct err *err)
{
	struct slot *slot = find_slot(c, url), **place;
	char name[SNS_SIGNER_NAME_SIZE];

	if (!sns_signer_name(region, name)) {
		(void)err_set(err, ERR_REFUSED, "the topic's region is impossible");
		return NULL;
	}
	if (!take_pace(c)) {
		(void)err_set(err, ERR_RETRY, "too many signing certificates are asked for");
		return NULL;
	}
	if (slot == NULL) {
		place = make_place(c);
		if (place == NULL) {
			(void)err_set(err, ERR_RETRY, "too many signing certificates are being fetched");
			return NULL;
		}
		slot = *place = mem_alloc(sizeof(*slot));
		slot->owner = c;
		slot->url = mem_copy_string(url);
	}
	memcpy(slot->name, name, sizeof(name));
	slot->used = ++c->uses;
	start(slot);
	return slot;
}

bool sns_certificates_fetch(struct sns_certificates *c, const char *url, const char *region,
                            struct done done, struct err *err)
{
	struct slot *slot = find_slot(c, url);

	if (slot != NULL && slot->call == NULL && clock_mono_ms() < slot->rests_until_ms) {
		*err = slot->failure;
		return false;
	}
	if (c->waiting >= MAX_WAITING)
		return err_set(err, ERR_RETRY, "too many messages wait for a signing certificate");
	if (slot == NULL || slot->call == NULL)
		slot = begin(c, url, region, err);
	if (slot == NULL)
		return false;
	waiting_add(&slot->waiting, done);
	c->waiting++;
	return true;
}
