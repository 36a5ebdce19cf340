"""The sending side of SNS: subscriptions, and deliveries with SNS's rules of retrying."""
import asyncio
import secrets
import time
import uuid

import aiohttp

from . import aws_alarms, sns
from .alarms import Alarm
from .world import ControlError

PUBLISH_OPTIONS = {
    "message",
    "subject",
    "topic",
    "version",
    "attributes",
    "forge",
    "raw",
    "copies",
    "when",
    "message_id",
    "certificate",
    "force",
    "endpoint",
    "wait",
    "content_type",
    "chunked",
}


class Publisher:
    """Publishes to the one HTTP endpoint that the tests subscribe."""

    def __init__(self, world, signer, topic, subscribed):
        self.world, self.signer, self.topic = world, signer, topic
        self.endpoint = None
        self.subscriptions = {}  # topic -> {"arn", "state": pending|confirmed|deleted, "token"}
        self.session = None
        self.tasks = set()
        if subscribed:
            self._new_subscription(topic, "confirmed")

    def _new_subscription(self, topic, state):
        self.subscriptions[topic] = {
            "arn": "%s:%s" % (topic, uuid.uuid4()),
            "state": state,
            "token": secrets.token_hex(128),
            "made": time.time(),
        }
        return self.subscriptions[topic]

    async def start(self):
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=100, ssl=False),
            auto_decompress=False,
            skip_auto_headers=("User-Agent", "Accept", "Content-Type"),
        )

    async def stop(self):
        for task in list(self.tasks):
            task.cancel()
        await self.session.close()

    def spawn(self, coroutine):
        task = asyncio.get_running_loop().create_task(coroutine)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    # --- subscriptions --------------------------------------------------------
    def subscribe(
        self, topic=None, endpoint=None, when=None, forge=None, version="1", certificate="valid"
    ):
        """Starts a subscription: a SubscriptionConfirmation goes to the endpoint."""
        topic = topic or self.topic
        if endpoint:
            self.endpoint = endpoint
        subscription = self._new_subscription(topic, "pending")
        body = self.signer.confirmation(
            topic, subscription["token"], version=version, when=when, certificate=certificate
        )
        return self._send(body, topic, None, forge)

    def unsubscribe(self, topic=None, version="1"):
        """Somebody cuts the feed: an UnsubscribeConfirmation tells the endpoint."""
        topic = topic or self.topic
        subscription = self.subscriptions.get(topic)
        if not subscription or subscription["state"] != "confirmed":
            raise ControlError("not subscribed", 409)
        subscription["state"] = "deleted"
        body = self.signer.confirmation(
            topic, subscription["token"], "UnsubscribeConfirmation", version
        )
        return self._send(body, topic, subscription["arn"], None)

    def confirm(self, topic, token):
        """ConfirmSubscription of the query API: (subscription arn, None) or (None, error code)."""
        subscription = self.subscriptions.get(topic)
        if subscription is None:
            return None, "NotFound"
        if not token or token != subscription["token"]:
            return None, "InvalidParameter"
        if time.time() - subscription["made"] > self.world.settings["subscription_expires_s"]:
            return None, "InvalidParameter"
        subscription["state"] = "confirmed"
        self.world.changed()
        return subscription["arn"], None

    # --- publishing -----------------------------------------------------------
    def signed_body(self, options):
        """(body, topic, subscription) of a notification."""
        unknown = set(options) - PUBLISH_OPTIONS
        if unknown:
            raise ControlError("publish: unknown option %s" % ", ".join(sorted(unknown)))
        topic = options.get("topic") or self.topic
        subscription = self.subscriptions.get(topic)
        body = self.signer.notification(
            topic,
            options.get("message", ""),
            options.get("subject"),
            subscription["arn"] if subscription else "%s:%s" % (topic, uuid.uuid4()),
            str(options.get("version", "1")),
            options.get("when"),
            options.get("message_id"),
            options.get("attributes"),
            options.get("certificate", "valid"),
        )
        return body, topic, subscription

    def publish(self, options):
        """Sends one message (or `copies` of the same one); returns the delivery records."""
        body, topic, subscription = self.signed_body(options)
        if not options.get("force") and (not subscription or subscription["state"] != "confirmed"):
            raise ControlError("not subscribed: %s" % topic, 409)
        arn = subscription["arn"] if subscription else None
        return [
            self._send(dict(body), topic, arn, options.get("forge"), options)
            for _ in range(int(options.get("copies", 1)))
        ]

    def publish_alarm(self, options):
        """One alarm state change by one path or both."""
        own = {
            k: options.pop(k)
            for k in list(options)
            if k in PUBLISH_OPTIONS - {"message", "subject"}
        }
        alarm = Alarm(options)
        aws_alarms.publish(self.world.aws, alarm)
        deliveries = []
        for subject, message in alarm.notifications():
            deliveries += self.publish({**own, "message": message, "subject": subject})
        return deliveries

    def _send(self, body, topic, arn, forge, options=None):
        options = options or {}
        try:
            text = self.signer.forge(body, forge) if forge else None
        except ValueError as error:
            raise ControlError(str(error)) from None
        headers = {
            "x-amz-sns-message-type": body.get("Type", "Notification"),
            "x-amz-sns-message-id": body.get("MessageId", str(uuid.uuid4())),
            "x-amz-sns-topic-arn": topic,
        }
        if arn:
            headers["x-amz-sns-subscription-arn"] = arn
        headers.update(
            {
                "Content-Type": options.get("content_type", "text/plain; charset=UTF-8"),
                "User-Agent": "Amazon Simple Notification Service Agent",
                "Accept-Encoding": "gzip,deflate",
                "Connection": "Keep-Alive",
            }
        )
        if options.get("raw"):
            headers["x-amz-sns-rawdelivery"] = "true"
            text = body["Message"]
        if forge == "headers":
            headers["x-amz-sns-message-type"] = "SubscriptionConfirmation"
        data = (text if text is not None else sns.layout(body)).encode()
        delivery = {
            "id": len(self.world.deliveries),
            "message_id": body.get("MessageId"),
            "topic": topic,
            "type": body.get("Type"),
            "forge": forge,
            "raw": bool(options.get("raw")),
            "made": time.time(),
            "bytes": len(data),
            "state": "sending",
            "attempts": [],
            "subject": body.get("Subject"),
            "message": body.get("Message"),
        }
        self.world.deliveries.append(delivery)
        endpoint = options.get("endpoint") or self.endpoint
        if not endpoint:
            raise ControlError(
                "no endpoint is known: subscribe with one, or start with --listen", 409
            )
        delivery["_task"] = self.spawn(self.deliver(delivery, endpoint, headers, data))
        return delivery

    async def deliver(self, delivery, endpoint, headers, data):
        """SNS's default policy: 15 s, three retries, 20 s apart; 200 to 499 is the end of it."""
        settings = self.world.settings
        for number in range(settings["sns_retries"] + 1):
            if number:
                delivery["state"] = "waiting for retry"
                await self.world.sleep(settings["sns_retry_delay_s"])
            delivery["state"] = "sending"
            attempt = {"time": time.time(), "status": None, "error": None, "ms": None}
            delivery["attempts"].append(attempt)
            started = time.monotonic()
            try:
                async with self.session.post(
                    endpoint,
                    data=data,
                    headers=headers,
                    allow_redirects=False,
                    timeout=aiohttp.ClientTimeout(total=settings["sns_timeout_s"]),
                ) as answer:
                    attempt["status"] = answer.status
                    attempt["body"] = (await answer.read())[:500].decode("utf-8", "replace")
            except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
                attempt["error"] = type(error).__name__ + ": " + str(error)
            attempt["ms"] = round((time.monotonic() - started) * 1000, 3)
            if attempt["status"] is not None and 200 <= attempt["status"] <= 499:
                delivery["state"] = "delivered" if attempt["status"] < 300 else "refused"
                break
        else:
            delivery["state"] = "dropped"
        self.world.changed()
