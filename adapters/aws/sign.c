#include "adapters/aws/sign.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/aws/account.h"
#include "adapters/aws/call.h"
#include "bot/http_client.h"
#include "bot/mem.h"
#include "bot/secret.h"
#include "bot/str.h"

#define OWN_HEADERS 4 /* Host, X-Amz-Date, X-Amz-Security-Token, Authorization */
#define URL_MAX 2048

/* One request that waits for credentials. */
struct signing {
	struct aws *aws;
	struct mem mem;
	const char *method, *url, *service, *region;
	struct http_header own[AWS_SIGN_HEADERS + 1];
	char hash[SIGV4_HEX_SIZE]; /* of the body, which need not be kept */
	bool renew;
	aws_sign_fn *done;
	void *arg;
};

void aws_sign_split_url(const char *url, struct str *host, struct str *path)
{
	bool tls = strncmp(url, "https://", 8) == 0;
	const char *start = url + (tls ? 8 : 7);
	size_t length = strcspn(start, "/");

	str_add_bytes(host, start, length);
	if (str_ends(host->text, tls ? ":443" : ":80")) {
		host->length -= tls ? 4 : 3;
		host->text[host->length] = '\0';
	}
	str_add(path, start + length);
}

static void end(struct signing *signing, const struct http_header *headers, const struct err *err)
{
	signing->done(signing->arg, headers, err);
	mem_free_all(&signing->mem);
	free(signing);
}

static void sign(struct signing *signing, const struct aws_credentials *credentials, const char *host, const char *path)
{
	struct http_header headers[AWS_SIGN_HEADERS + OWN_HEADERS + 1] = { 0 };
	char date[SIGV4_DATE_SIZE];
	const struct sigv4_scope scope = { date, signing->region, signing->service };
	const struct sigv4_request request = {
		.method = signing->method, .path = path, .headers = headers, .body_hash = signing->hash,
	};
	struct str authorization;
	unsigned count = 0;

	sigv4_date(aws_now_ms(signing->aws), date);
	while (signing->own[count].name != NULL) {
		headers[count] = signing->own[count];
		count++;
	}
	headers[count++] = (struct http_header){ "Host", host };
	headers[count++] = (struct http_header){ "X-Amz-Date", date };
	if (secret_reveal(&credentials->token) != NULL)
		headers[count++] = (struct http_header){ "X-Amz-Security-Token", secret_reveal(&credentials->token) };
	str_init(&authorization, 4096);
	sigv4_authorization(&signing->aws->keys, &request, &scope, credentials->key_id,
	                    secret_reveal(&credentials->key), &authorization);
	headers[count] = (struct http_header){ "Authorization", authorization.text };
	end(signing, headers, NULL);
	str_free(&authorization);
}

static void got_credentials(void *arg, struct aws_credentials *credentials, const struct err *err)
{
	struct signing *signing = arg;
	struct str host, path;

	if (err != NULL) {
		end(signing, NULL, err);
		return;
	}
	if (signing->renew) {
		signing->renew = false;
		aws_accounts_refused(signing->aws->accounts, credentials);
		aws_accounts_get(signing->aws->accounts, NULL, got_credentials, signing);
		return;
	}
	str_init(&host, URL_MAX);
	str_init(&path, URL_MAX);
	aws_sign_split_url(signing->url, &host, &path);
	sign(signing, credentials, host.text, path.text);
	str_free(&host);
	str_free(&path);
}

void aws_sign(struct aws *aws, const struct aws_sign_request *request, aws_sign_fn *done, void *arg)
{
	struct signing *signing = mem_alloc(sizeof(*signing));

	signing->aws = aws;
	signing->method = mem_strdup(&signing->mem, request->method);
	signing->url = mem_strdup(&signing->mem, request->url);
	signing->service = mem_strdup(&signing->mem, request->service);
	signing->region = mem_strdup(&signing->mem, request->region);
	for (unsigned i = 0; i < AWS_SIGN_HEADERS && request->headers[i].name != NULL; i++)
		signing->own[i] = (struct http_header){ mem_strdup(&signing->mem, request->headers[i].name),
		                                        mem_strdup(&signing->mem, request->headers[i].value) };
	sigv4_hash(request->body, request->body_length, signing->hash);
	signing->renew = request->renew;
	signing->done = done;
	signing->arg = arg;
	aws_accounts_get(aws->accounts, NULL, got_credentials, signing);
}
