/*
 * manifest.c - the app manifest, so that nobody has to click scopes together.
 *
 * Only what the program uses: a scope less is a right less that a stolen token has. The app-level
 * token (connections:write) is not part of a manifest; it is made by hand after the import.
 * Schema: manifest-schema 2.0.0 of Slack; it does not check the names of scopes and events.
 */
#include "adapters/slack/manifest.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/slack/slack.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/str.h"

static const char *const scopes[] = {
	"app_mentions:read", /* event app_mention */
	"channels:history",  /* event message.channels; looking for our own posts after a doubt */
	"channels:join",     /* a public channel that is configured but not joined */
	"chat:write",        /* post and edit */
	"commands",          /* slash commands */
	"files:read",        /* has Slack processed a picture? */
	"files:write",       /* pictures */
	"groups:history",    /* as channels:history, in private channels */
	"im:history",        /* event message.im; the same look-up in direct messages */
	"usergroups:read",   /* roles that name a group */
};

static const char *const events[] = {
	"app_mention",
	"message.channels", /* replies in our threads; mentions, in case app_mention is lost */
	"message.groups",
	"message.im",
};

static bool is_granted(const char *granted, const char *scope)
{
	size_t length = strlen(scope);

	for (const char *at = granted; *at != '\0'; at += *at == ',' ? 1 : 0) {
		size_t word;

		at += strspn(at, " ");
		word = strcspn(at, ",");
		if (word == length && memcmp(at, scope, length) == 0)
			return true;
		at += word;
	}
	return false;
}

void slack_manifest_missing(struct str *out, const char *granted)
{
	for (size_t i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++)
		if (!is_granted(granted, scopes[i]))
			str_addf(out, "%s%s", out->length == 0 ? "" : ", ", scopes[i]);
}

static struct json_object *strings(const char *const *list, size_t count)
{
	struct json_object *array = json_new_array();

	for (size_t i = 0; i < count; i++)
		json_append_string(array, list[i]);
	return array;
}

static struct json_object *nested(const char *key, struct json_object *value)
{
	struct json_object *object = json_new_object();

	json_put(object, key, value);
	return object;
}

static struct json_object *new_commands(const struct slack_manifest_command *commands, size_t count)
{
	struct json_object *array = json_new_array();

	for (size_t i = 0; i < count; i++) {
		struct json_object *command = json_new_object();
		struct str name;

		str_init(&name, 32); /* Slack's ceiling, with the slash */
		str_addf(&name, "/%s", commands[i].word);
		json_put_string(command, "command", name.text);
		json_put_string(command, "description", commands[i].description);
		json_put_string(command, "usage_hint", commands[i].usage_hint);
		/* Users and channels then arrive as ids, whatever they are called at the moment. */
		json_put_bool(command, "should_escape", true);
		json_append(array, command);
		str_free(&name);
	}
	return array;
}

static struct json_object *new_features(const struct slack_manifest_command *commands, size_t count)
{
	struct json_object *features = json_new_object();
	struct json_object *user = json_new_object(), *home = json_new_object();

	json_put_bool(home, "home_tab_enabled", false);
	json_put_bool(home, "messages_tab_enabled", true); /* direct messages to the bot */
	json_put_bool(home, "messages_tab_read_only_enabled", false);
	json_put(features, "app_home", home);
	json_put_string(user, "display_name", "tocsin");
	json_put_bool(user, "always_online", true);
	json_put(features, "bot_user", user);
	if (count > 0)
		json_put(features, "slash_commands", new_commands(commands, count));
	return features;
}

static struct json_object *new_settings(void)
{
	struct json_object *settings = json_new_object();

	json_put(settings, "event_subscriptions",
	         nested("bot_events", strings(events, sizeof(events) / sizeof(events[0]))));
	json_put(settings, "interactivity", nested("is_enabled", json_new_bool(true)));
	json_put_bool(settings, "org_deploy_enabled", false);
	json_put_bool(settings, "socket_mode_enabled", true);
	json_put_bool(settings, "token_rotation_enabled", false);
	return settings;
}

char *slack_manifest(const struct slack_manifest_command *commands, size_t count)
{
	struct json_object *manifest = json_new_object();
	struct json_object *metadata = json_new_object(), *display = json_new_object();
	char *text;

	json_put_int(metadata, "major_version", 2);
	json_put_int(metadata, "minor_version", 1);
	json_put(manifest, "_metadata", metadata);
	json_put_string(display, "name", "tocsin");
	json_put_string(display, "description", "AWS alarms in Slack, with diagnosis and runbooks");
	json_put_string(display, "background_color", "#1f2d3d");
	json_put(manifest, "display_information", display);
	json_put(manifest, "features", new_features(commands, count));
	json_put(manifest, "oauth_config",
	         nested("scopes", nested("bot", strings(scopes, sizeof(scopes) / sizeof(scopes[0])))));
	json_put(manifest, "settings", new_settings());
	text = mem_copy_string(json_print_pretty(manifest));
	json_free(manifest);
	return text;
}
