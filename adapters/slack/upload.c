#include "adapters/slack/upload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/slack/text.h"
#include "adapters/slack/url.h"
#include "adapters/slack/web_api.h"
#include "bot/clock.h"
#include "bot/http_client.h"
#include "bot/json.h"
#include "bot/log.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/metrics.h"
#include "bot/random.h"
#include "bot/str.h"
#include "bot/utf8.h"

#define TRIES 3             /* each from the beginning */
#define RETRY_MS 1000
#define RETRY_MAX_MS 10000
#define FIRST_LOOK_MS 250   /* doubled up to LOOK_MAX_MS */
#define LOOK_MAX_MS 2000
#define LOOKS 18            /* half a minute; others see one or two seconds */
#define NAME_MAX_UNITS 120
#define ALT_TXT_MAX 1000    /* alt_txt_too_large */

/* What an upload does when its timer ends. */
enum step { STEP_BEGIN, STEP_LOOK, STEP_REFUSE };

struct upload {
	struct upload *next;
	struct slack_uploads *all; /* NULL: gone; only the call on its way back is waited for */
	char *name, *alt, *png;
	size_t size;
	char **image;
	struct done done; /* fn NULL: told already; a call of it is still on its way back */
	struct loop_timer *timer, *deadline;
	enum step step;
	struct err refusal;
	char file[SLACK_FILE_MAX + 1];
	unsigned tries, looks;
	bool calling;
};

struct slack_uploads {
	struct loop *loop;
	struct slack_web *web;
	bool loopback;
	int64_t deadline_ms;
	struct upload *first;
	unsigned count;
};

/* --- the end -------------------------------------------------------------------------------- */

static void free_upload(struct upload *upload)
{
	struct upload **slot = upload->all == NULL ? NULL : &upload->all->first;

	while (slot != NULL && *slot != upload)
		slot = &(*slot)->next;
	if (slot != NULL) {
		*slot = upload->next;
		upload->all->count--;
	}
	loop_timer_free(upload->timer);
	loop_timer_free(upload->deadline);
	free(upload->name);
	free(upload->alt);
	free(upload->png);
	free(upload);
}

/* Tells the owner, once. The upload lives on while a call of it is on its way back. */
static void tell(struct upload *upload, const struct err *err)
{
	struct done done = upload->done;
	struct err copy = { 0 };

	if (err == NULL) {
		mem_set_string(upload->image, upload->file);
	} else {
		copy = *err;
		if (err->kind != ERR_CANCELLED)
			log_event(LOG_WARN, "slack.upload_failed", "file", upload->file, "outcome",
			          err_kind_name(err->kind), "why", err->text, NULL);
	}
	metrics_count("tocsin_slack_uploads_total", "outcome", err == NULL ? "ok" : err_kind_name(err->kind));
	upload->done.fn = NULL;
	if (!upload->calling)
		free_upload(upload);
	if (done.fn != NULL)
		done.fn(done.arg, err == NULL ? NULL : &copy);
}

static void fail(struct upload *upload, enum err_kind kind, const char *what)
{
	struct err err;

	(void)err_set(&err, kind, "Slack did not take the picture: %s", what);
	tell(upload, &err);
}

static void on_deadline(void *arg)
{
	fail(arg, ERR_RETRY, "it takes too long");
}

/* --- trying again --------------------------------------------------------------------------- */

/* From the beginning: what became of a lost step need not be known, since a file that nobody shows does no harm. */
static void try_again(struct upload *upload, const struct err *err)
{
	int64_t wait_ms = random_backoff_ms(upload->tries, RETRY_MS, RETRY_MAX_MS);
	int64_t wished_ms = clock_wait_ms(err->retry_after_ms);

	if (err->kind != ERR_RETRY || upload->tries == TRIES) {
		tell(upload, err);
		return;
	}
	upload->step = STEP_BEGIN;
	loop_timer_set(upload->timer, wait_ms > wished_ms ? wait_ms : wished_ms);
}

/* False when the upload is over: its owner was told in the meantime. */
static bool comes_back(struct upload *upload)
{
	upload->calling = false;
	if (upload->done.fn != NULL)
		return true;
	free_upload(upload);
	return false;
}

static void call(struct upload *upload, enum slack_method method, const char *url, char *body, size_t length,
                 slack_web_fn *done)
{
	upload->calling = true;
	slack_web_send(upload->all->web, &(struct slack_call){ .method = method, .priority = CHAT_NORMAL, .url = url,
		.body = body, .body_length = length, .done = done, .arg = upload });
}

/* --- is it processed? ----------------------------------------------------------------------- */

static void look_later(struct upload *upload)
{
	int64_t wait_ms = FIRST_LOOK_MS;

	if (upload->looks == LOOKS) {
		fail(upload, ERR_RETRY, "it has not processed it in half a minute");
		return;
	}
	for (unsigned i = 0; i < upload->looks && wait_ms < LOOK_MAX_MS; i++)
		wait_ms *= 2;
	upload->looks++;
	upload->step = STEP_LOOK;
	loop_timer_set(upload->timer, clock_wait_ms(wait_ms));
}

static void judge_file(struct upload *upload, const char *mimetype)
{
	if (mimetype == NULL || mimetype[0] == '\0')
		look_later(upload);
	else if (!str_starts(mimetype, "image/"))
		fail(upload, ERR_REFUSED, "it does not see a picture in it");
	else
		tell(upload, NULL);
}

static void on_file(void *arg, struct json_object *answer, const struct err *err)
{
	struct upload *upload = arg;

	if (!comes_back(upload))
		return;
	if (err == NULL)
		judge_file(upload, json_string(answer, "file.mimetype"));
	else if (err->kind == ERR_RETRY)
		look_later(upload);
	else
		tell(upload, err);
}

static void look(struct upload *upload)
{
	const struct http_header form[] = { { "file", upload->file }, { NULL, NULL } };

	call(upload, SLACK_FILE_INFO, NULL, http_form_encode(form), 0, on_file);
}

/* --- the three steps ------------------------------------------------------------------------ */

static void on_complete(void *arg, struct json_object *answer, const struct err *err)
{
	struct upload *upload = arg;

	if (!comes_back(upload))
		return;
	if (err != NULL)
		try_again(upload, err);
	else
		judge_file(upload, json_string(answer, "files[0].mimetype"));
}

static void complete(struct upload *upload)
{
	struct json_object *body = json_new_object(), *files = json_new_array(), *file = json_new_object();

	json_put_string(file, "id", upload->file);
	json_put_string(file, "title", upload->name);
	json_append(files, file);
	json_put(body, "files", files);
	call(upload, SLACK_UPLOAD_COMPLETE, NULL, mem_copy_string(json_print(body)), 0, on_complete);
	json_free(body);
}

static void on_bytes(void *arg, struct json_object *answer, const struct err *err)
{
	struct upload *upload = arg;

	(void)answer;
	if (!comes_back(upload))
		return;
	if (err != NULL)
		try_again(upload, err);
	else
		complete(upload);
}

static void on_address(void *arg, struct json_object *answer, const struct err *err)
{
	struct upload *upload = arg;
	const char *url = json_string(answer, "upload_url"), *file = json_string(answer, "file_id");

	if (!comes_back(upload))
		return;
	if (err != NULL) {
		try_again(upload, err);
	} else if (file == NULL || !slack_text_is_file(file)) {
		fail(upload, ERR_REFUSED, "it gave no id for it");
	} else if (!slack_url_is_good(url, upload->all->loopback)) {
		fail(upload, ERR_REFUSED, "the address that it gave for it is not https");
	} else {
		(void)snprintf(upload->file, sizeof(upload->file), "%s", file);
		call(upload, SLACK_UPLOAD_BYTES, url, mem_copy_bytes(upload->png, upload->size), upload->size,
		     on_bytes);
	}
}

static void begin(struct upload *upload)
{
	char length[24];
	const struct http_header form[] = {
		{ "filename", upload->name }, { "length", length },
		{ upload->alt[0] == '\0' ? NULL : "alt_txt", upload->alt }, { NULL, NULL },
	};

	(void)snprintf(length, sizeof(length), "%zu", upload->size);
	upload->tries++;
	upload->looks = 0;
	call(upload, SLACK_UPLOAD_URL, NULL, http_form_encode(form), 0, on_address);
}

static void on_timer(void *arg)
{
	struct upload *upload = arg;

	switch (upload->step) {
	case STEP_BEGIN:
		begin(upload);
		break;
	case STEP_LOOK:
		look(upload);
		break;
	case STEP_REFUSE:
		tell(upload, &upload->refusal);
		break;
	}
}

/* --- life ----------------------------------------------------------------------------------- */

static char *cleaned(const char *text, size_t max)
{
	char *clean = utf8_clean(text == NULL ? "" : text, true);
	char *fit = slack_text_fit(clean, max, max);

	free(clean);
	return fit;
}

static bool may_begin(struct upload *upload)
{
	if (upload->size == 0 || upload->size > SLACK_PICTURE_MAX)
		return err_set(&upload->refusal, ERR_REFUSED, "the picture has %zu bytes; Slack gets 1 to %u",
		               upload->size, SLACK_PICTURE_MAX);
	if (upload->all->count > SLACK_UPLOADS_MAX)
		return err_set(&upload->refusal, ERR_RETRY, "Slack: %d pictures are on their way already",
		               SLACK_UPLOADS_MAX);
	return true;
}

void slack_upload(struct slack_uploads *uploads, const char *name, const char *alt, const unsigned char *png,
                  size_t size, char **image, struct done done)
{
	struct upload *upload = mem_alloc(sizeof(*upload));

	*upload = (struct upload){ .next = uploads->first, .all = uploads, .name = cleaned(name, NAME_MAX_UNITS),
		.alt = cleaned(alt, ALT_TXT_MAX), .size = size, .image = image, .done = done };
	uploads->first = upload;
	uploads->count++;
	upload->timer = loop_timer_new(uploads->loop, on_timer, upload);
	upload->deadline = loop_timer_new(uploads->loop, on_deadline, upload);
	if (!may_begin(upload)) {
		upload->step = STEP_REFUSE;
		loop_timer_set(upload->timer, 0); /* never within this call */
		return;
	}
	upload->png = mem_copy_bytes((const char *)png, size);
	loop_timer_set(upload->deadline, uploads->deadline_ms);
	begin(upload);
}

struct slack_uploads *slack_uploads_new(struct loop *loop, struct slack_web *web, bool loopback, int64_t deadline_ms)
{
	struct slack_uploads *uploads = mem_alloc(sizeof(*uploads));

	*uploads = (struct slack_uploads){ .loop = loop, .web = web, .loopback = loopback,
		.deadline_ms = deadline_ms };
	metrics_describe("tocsin_slack_uploads_total", "counter", "Pictures handed to Slack, by outcome.");
	return uploads;
}

void slack_uploads_free(struct slack_uploads *uploads)
{
	struct err err;

	if (uploads == NULL)
		return;
	(void)err_set(&err, ERR_CANCELLED, "Slack: shutting down");
	while (uploads->first != NULL) {
		struct upload *upload = uploads->first;

		uploads->first = upload->next;
		upload->all = NULL;
		loop_timer_stop(upload->timer);
		loop_timer_stop(upload->deadline);
		if (upload->done.fn != NULL)
			tell(upload, &err);
		else if (!upload->calling)
			free_upload(upload);
	}
	free(uploads);
}
