/* Whom calls to AWS trust: the configuration's authorities, else AWS_CA_BUNDLE's, for AWS alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "bot/http_client.h"
#include "bot/http_server.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "tests/unit/support/aws_world.h"
#include "tests/unit/support/http_certs.h"

#define IDENTITY "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/a</Arn>" \
	"<Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"

static struct http_certs certs;
static struct http_server *server;
static char line[128], *lines[] = { line, NULL };
static unsigned requests;

static void on_request(void *arg, const struct http_request_in *request, struct http_exchange *exchange)
{
	(void)arg;
	(void)request;
	requests++;
	http_reply(exchange, 200, "text/xml", IDENTITY, strlen(IDENTITY));
}

/* STS itself, as far as its certificate goes. */
static int begin(void **state)
{
	struct http_pair pair;
	struct err err;

	(void)aws_world_begin(state);
	requests = 0;
	http_certs_make(&certs);
	http_certs_issue(&certs, "sts", "sts.us-east-1.amazonaws.com", 1, 0, &pair);
	server = http_server_new(cloud.loop, &(struct http_server_options){ .address = "127.0.0.1",
		.certificate = pair.certificate, .key = pair.key }, on_request, NULL, &err);
	assert_non_null(server);
	(void)snprintf(line, sizeof(line), "sts.us-east-1.amazonaws.com:443:127.0.0.1:%d", http_server_port(server));
	cloud.config.network.connect_to.items = lines;
	cloud.config.network.connect_to.count = 1;
	aws_world_env("AWS_ACCESS_KEY_ID", "AKIDTEST");
	aws_world_env("AWS_SECRET_ACCESS_KEY", "very-secret-key");
	/* The client of the process trusts another authority. */
	cloud.bot.http = http_client_new(cloud.loop, &(struct http_client_options){ .ca_file = certs.other_ca_path,
		.connect_to = (const char *const *)lines }, &err);
	assert_non_null(cloud.bot.http);
	return 0;
}

static int end(void **state)
{
	aws_free(cloud.bot.aws);
	cloud.bot.aws = NULL;
	http_server_free(server);
	http_certs_free(&certs);
	return aws_world_end(state);
}

static struct err whoami(void)
{
	struct aws_end done = { 0 };
	char *arn = NULL;

	aws_whoami(cloud.bot.aws, &(struct aws_target){ 0 }, &arn, aws_end_token(&done));
	aws_end_wait(&done);
	free(arn);
	return done.err;
}

static void strangers_are_refused(void **state)
{
	struct err err;

	(void)state;
	(void)aws_world_start();
	err = whoami();
	assert_int_equal(err.kind, ERR_REFUSED);
	assert_non_null(strstr(err.text, "sts:GetCallerIdentity: sts.us-east-1.amazonaws.com: "));
	assert_int_equal(requests, 0);
}

static void the_bundle_is_trusted(void **state)
{
	struct err err;

	(void)state;
	aws_world_env("AWS_CA_BUNDLE", certs.ca_path);
	(void)aws_world_start();
	err = whoami();
	if (err.kind != ERR_NONE)
		fail_msg("%s", err.text);
	assert_int_equal(requests, 1);
}

static void the_profile_may_name_it(void **state)
{
	char config[200];

	(void)state;
	(void)snprintf(config, sizeof(config), "[default]\nca_bundle = %s\n", certs.ca_path);
	(void)aws_world_file(".aws/config", config, strlen(config));
	(void)aws_world_start();
	assert_int_equal(whoami().kind, ERR_NONE);
}

static void the_configuration_wins(void **state)
{
	struct err err;

	(void)state;
	cloud.config.network.ca_file = certs.other_ca_path;
	aws_world_env("AWS_CA_BUNDLE", certs.ca_path);
	(void)aws_world_start();
	err = whoami();
	if (err.kind != ERR_REFUSED)
		fail_msg("%s", err.text);
}

static void a_bundle_that_is_not_there_is_an_error_at_start(void **state)
{
	struct err err;

	(void)state;
	aws_world_env("AWS_CA_BUNDLE", "/nonexistent/ca.pem");
	assert_null(aws_new(&cloud.bot, &err));
	assert_int_equal(err.kind, ERR_USAGE);
	assert_non_null(strstr(err.text, "/nonexistent/ca.pem"));
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(strangers_are_refused),
		T(the_bundle_is_trusted),
		T(the_profile_may_name_it),
		T(the_configuration_wins),
		T(a_bundle_that_is_not_there_is_an_error_at_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
