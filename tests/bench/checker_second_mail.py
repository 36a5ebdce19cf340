"""The second corpus: what may truly be said of the world "mail", and causes (False: invented)."""
from tests.bench.checker_second_worlds import *  # noqa: F403


def paras(w):
    T = w.T
    ms = w.ms
    d, g, s, e, b, l, c, o = w.depth, w.age, w.sent, w.defer, w.bounce, w.lag, w.cpu, w.conn
    F = lambda k, t=None, o=None: w.f(k, t, o)
    I = lambda *a: N(F(*a)["id"])
    sh = F("level_shift", "Mails sent")
    de = F("level_shift", "deferrals")
    lg = F("sudden_change", "worker lag")
    co = F("sudden_change", "Open SMTP")
    cp = F("sudden_change", "Relay CPU")
    ga = (w.now - w.ms("09:44")) // MIN
    gb = (w.now - w.ms("10:03")) // MIN
    i1 = "i-0b7e41c9d2a85f630"
    i2 = "i-04c2de917ab03f588"
    w.A(
        f"The queue filled up because mail could not be handed over to remote servers fast enough: it climbed from {V(d.at('09:20'),sig=4,other=e.max)} at {AT(d,'09:20')} to a peak of {V(d.max,sig=5,other=g.max)} at {T(d.tmax)}, and has been draining since ({F('limit','Outbound')['id']}). It stands at {V(d.last,sig=5,other=s.last)} now, still above the limit of {V(8000,sig=1,other=900)}.".replace(
            "because mail could not be handed over to remote servers fast enough", "over the morning"
        ),
        f"**Short answer:** the backlog is shrinking, but it is not gone. Since the maximum at {T(d.tmax)} it has lost about {P((1-d.last/d.max)*100)} of its size, from {V(d.max,sig=3)} to {V(d.last,sig=3)} messages.",
        f"- Outbound queue depth: {V(d.last,sig=5,other=o.max)} at {AT(d,d.tlast)}, usually around {V(d.usual,sig=3,other=o.usual)} at this time of day\n- Age of oldest mail: {V(g.last,'min',other=d.last)}, usually {V(g.usual,'s',other=e.usual)}\n- Mails sent: {V(s.last,sig=4,other=d.usual)} per 5 minutes, back within the usual {V(s.lo,sig=4)} to {V(s.hi,sig=4)}\n- SMTP 4xx deferrals: down to {V(e.last,sig=2,other=e.max)}, from as many as {V(e.max,sig=4,other=o.max)}",
        f"Deferrals jumped right at {T(ms('09:20'))}. The bucket before had {V(e.at('09:15'),sig=3,other=o.at('09:15'))} of them, that one had {V(e.at('09:20'),sig=4,other=d.at('09:20'))}, which is some {R(e.at('09:20')/e.at('09:15'),nd=0,style='{}×')} as many.",
        f"Delivery throughput dropped at the same moment: {V(s.at('09:15'),sig=4,other=d.at('09:15'))} mails in the interval starting {AT(s,'09:15')}, only {V(s.at('09:20'),sig=4,other=d.at('09:20'))} in the next. That is a decline of {P((1-s.at('09:20')/s.at('09:15'))*100)} within five minutes.",
        f"While throughput was low ({sh['id']}), about {V(sh['value'],sig=4,other=d.usual)} mails went out per interval where {V(sh['expected'],sig=4,other=d.last)} would have been normal, so roughly {P(100*sh['value']/sh['expected'])} of the usual volume.",
        f"Two alarms are open. `mail-queue-too-deep` has been firing since {T(ms('09:44'))} (for {D(ga,'hm')}), and `oldest-mail-over-15-min` since {T(ms('10:03'))}, so for {D(gb,'hm')}. The second came {D(19,'minutes',step=1)} after the first.",
        f"The oldest message in the queue has been waiting {V(g.last,'min')} right now. At the worst point, {T(g.tmax)}, it was {V(g.max,'min',other=d.max)}, i.e. {R(g.max/900,nd=1)} the configured limit of {V(900,'min',sig=2)}.",
        f"Relay workers slowed down in the middle of it: p90 lag reached {M(l.max,sig=4,other=l.usual)} at {T(l.tmax)}, compared to a normal {M(l.usual,sig=3,other=l.max)} ({lg['id']}). It went back to normal at {T(lg['to'])}, after {D((lg['to']-lg['frm'])//MIN,'hm')}.",
        f"Interestingly, CPU on the relays went *down*, not up. It sat at {V(c.at('09:20'),'%',sig=3,other=b.max)} at {AT(c,'09:20')}, where {V(42,'%',sig=2)} to {V(47.6,'%',sig=3)} is usual ({cp['id']}). The relays were waiting, not busy. The lowest value of the whole period was {V(c.min,'%',sig=3)}.",
        f"### Timeline\n1. {T(ms('09:13'))} - `ci-release` changes `/mail/relay/max_parallel`\n2. {T(ms('09:20'))} - deferrals and open connections rise, mails sent fall\n3. {T(ms('09:44'))} - {N('mail-queue-too-deep','oldest-mail-over-15-min')} fires\n4. {T(ms('11:02'))} - {N('k.brandt','patch-bot','ci-release')} modifies {i1}\n5. {T(ms('11:05'))} - the queue turns around at {V(d.max,sig=5)}",
        f"Open SMTP connections roughly tripled: the highest value was {V(o.max,sig=3,other=e.max)} at {T(o.tmax)}, against a median of {V(o.usual,sig=3,other=l.usual)} at these hours, so {R(o.max/o.usual,nd=1)} as many as usual.",
        f"Bounces are not the problem. The rate stayed between {V(b.min,'%',sig=3)} and {V(b.max,'%',sig=3,other=c.max)} all morning, with an average of {V(b.mean,'%',sig=3,other=c.mean)}, well under the {V(5,'%',sig=1)} limit.",
        f"| Metric | Peak or low | At | Usual |\n|---|---|---|---|\n| Outbound queue depth | {V(d.max,sig=5)} | {T(d.tmax)} | {V(d.usual,sig=4)} |\n| SMTP 4xx deferrals | {V(e.max,sig=4)} | {T(e.tmax)} | {V(e.usual,sig=2)} |\n| Mails sent | {V(s.min,sig=4)} | {T(s.tmin)} | {V(s.usual,sig=4)} |\n| Relay worker lag | {M(l.max,sig=4)} | {T(l.tmax)} | {M(l.usual)} |",
        f"From the relay logs: `mx.lindenpost.example` answered {V(17203,sig=5,other=9412)} times with 451 and {V(9412,sig=4,other=17203)} times with 421. {N('smtp.alderbox.example','in.fernmail.example','mx.lindenpost.example')} comes next with {V(688,sig=3,other=57)}. The query scanned {V(38.2e6,'MB',sig=3)}.",
        f"So one receiving domain dominates: of the four rows, mx.lindenpost.example accounts for {V(9412,sig=4)} + {V(17203,sig=5)}, while `in.fernmail.example` only had {C(57)}.",
        f"Queue depth and message age go hand in hand (rank correlation {slot('value','0.96',[('value','0.69'),('value','0.76')])} over {C(69)} values), which is what you would expect of a backlog. Mails sent and deferrals move against each other ({slot('value','-0.98',[('value','-0.89'),('value','-0.58')])}, {F('moves_together','Mails sent')['id']}).",
        f"It is getting better, yes. Mails sent recovered in two steps: from {V(s.at('11:00'),sig=4)} at {AT(s,'11:00')} to {V(s.at('11:05'),sig=4)} at {AT(s,'11:05')}, then to {V(s.at('12:10'),sig=4)} by {AT(s,'12:10',later=False)}. Deferrals followed the same pattern and were at {V(e.at('11:10'),sig=3)} at {AT(e,'11:10')}, and down to {V(e.at('12:10'),sig=2)} an hour later.",
        f"No, this did not start at 8. Until {T(ms('09:20'),earlier=False)} everything was ordinary: at {AT(d,'08:30',tol=.0)} the queue held {V(d.at('08:30'),sig=4,other=s.at('08:30'))} messages and the oldest one was {V(g.at('08:30'),'s',sig=3)} old.".replace(
            "at " + "\x01", "at \x01"
        ),
        f"The backlog crossed its limit at {T(ms('09:35'))} and has been above it in all {C(36)} values since, that is for more than three hours ({F('limit','Outbound')['id']}). The age limit was crossed {D(25,'minutes')} later, at {T(ms('10:00'))}; {C(31)} of {C(31)} values are over it.",
        f"Compared with a normal Tuesday morning the queue peaked at {R(d.max/d.usual,nd=0)} its usual level, and the oldest mail waited about {R(g.max/g.usual,nd=0)} as long as usual ({V(g.max,'min',sig=3)} instead of {V(g.usual,'s',sig=3)}).",
        f"Connections rose to {V(co['value'],sig=3,other=l.max)} at {AT(o,co['at'])} (normal at that hour: {V(149,sig=3)} to {V(170,sig=3)}) and stayed unusual for {D((co['to']-co['frm'])//MIN,'hm')}, until {T(co['to'])}. Worker lag followed {D(10,'{} minutes',step=5)} after the connections, becoming unusual at {T(lg['frm'])}.",
        f"What changed today, newest first: {N(i1,i2)} was modified by k.brandt at {T(ms('11:02'))}; the parameter `/mail/relay/max_parallel` was written by ci-release at {T(ms('09:13'))}, {D(7,'minutes',step=1,about=True)} before the first deferrals; and patch-bot rebooted {N(i2,i1)} at {T(ms('07:31'))}.",
        f"**What to check next**\n- Read `/mail/relay/max_parallel` and compare it with the value before {T(ms('09:13'))}.\n- Ask `mx.lindenpost.example` whether they throttle you; {V(17203,sig=3)} of its answers were 451.\n- Watch whether queue depth falls below {V(8000,sig=1,alt=False)}; at {AT(d,'12:30')} it was {V(d.at('12:30'),sig=5)}.",
        f"Right now ({T(w.now)}) CPU is at {V(c.last,'%',sig=3)} and worker lag at {M(l.last,sig=3)}, both normal. Only the queue ({V(d.last/1000,sig=3,sp='',unit='')}k) and the oldest mail ({V(g.last,'min',sig=2)}) remain unusual.",
        f"Average over the whole window since 08:00: {V(s.mean,sig=4,other=d.mean)} mails sent per interval against a usual {V(s.usual,sig=4)}, or {P((1-s.mean/s.usual)*100)} less. Queue depth averaged {V(d.mean,sig=5,other=s.mean)}.",
        f"Between {T(ms('11:05'))} and {T(ms('12:30'))} the queue went down by {V(d.max-d.at('12:30'),sig=5)} messages, from {V(d.max,sig=5)} to {V(d.at('12:30'),sig=5)}.",
    )
    x = [
        "The backlog was caused by a DNS outage at the provider.",
        "Deferrals went up because the TLS certificate of the relay had expired.",
        "The slowdown is due to a memory leak in the spooler.",
        "Mail delivery dropped as a result of a failing RAID controller on the relay host.",
        "A spam campaign sent through a stolen account triggered the deferrals.",
        "The worker lag stems from garbage collection pauses in the relay process.",
        "A network partition between the availability zones led to the growing queue.",
    ]
    w.cause(False, *x)
    w.cause(
        True,
        "The change of `/mail/relay/max_parallel` by ci-release at 09:13 probably caused the rise of deferrals.",
        "Mails sent fell because deferrals rose at the same time (F8).",
        "The growing age of the oldest mail is due to the growing queue depth (F9).",
        "The drop in mails sent at 09:20 was caused by the parameter change at 09:13 (PutParameter on `/mail/relay/max_parallel`).",
    )
