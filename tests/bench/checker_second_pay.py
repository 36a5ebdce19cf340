"""The second corpus: what may truly be said of the world "pay", and causes (False: invented)."""
from tests.bench.checker_second_worlds import *  # noqa: F403


def paras(w):
    T = w.T
    ms = w.ms
    rq, ok, p5, p9, po, cp, wh = w.req, w.ok, w.p50, w.p99, w.pool, w.dbc, w.wh
    e402, e409, e429, e502, e504 = w.err
    F = lambda k, t=None, o=None: w.f(k, t, o)
    f504 = F("sudden_change", "504")
    f502 = F("sudden_change", "502")
    f429 = F("sudden_change", "429")
    fok = F("limit", "success")
    frq = F("sudden_change", "Payment requests")
    fwh = F("sudden_change", "Webhook")
    fp9 = F("limit", "latency p99")
    fp5 = F("sudden_change", "latency p50")
    fpo = F("limit", "Ledger DB conn")
    fcp = F("sudden_change", "DB CPU")
    fl9 = F("load", "p99")
    fokpo = F("moves_together", "success rate", "Ledger DB conn")
    a1 = (w.now - ms("14:22")) // MIN
    a2 = (w.now - ms("14:51")) // MIN
    a3 = (w.now - ms("07:40")) // MIN
    code = lambda c, *o: N(c, *o, kind="other name")
    w.A(
        f"Almost all of it was 504 and 502. From {T(f504['frm'],hold=lambda x:True)} to {T(f504['to'],later=False)} code {code('504','402')} reached {V(e504.max,sig=3,other=e402.max)} errors per 5 min (at {T(e504.tmax)}) and code {code('502','409')} reached {V(e502.max,sig=3,other=e402.max)} (at {T(e502.tmax)}); normally there are {V(e504.usual,sig=1)} and {V(e502.usual,sig=1)}.",
        f"**Summary** – a {D(70,'{}-minute',step=5)} incident, over since {T(ms('15:20'))}. Success rate fell to {V(ok.min,'%',sig=3,other=cp.min)} at its lowest ({T(ok.tmin)}), the limit being {V(98.5,'%',sig=3)}. It is back at {V(ok.last,'%',sig=3)}.",
        f"By code, maximum in the range and what is normal:\n- 402: {V(e402.max,sig=2,other=e429.max)} vs. {V(e402.usual,sig=2)}\n- 409: {V(e409.max,sig=1)} vs. {V(e409.usual,sig=1)}\n- 429: {V(e429.max,sig=2,other=e402.max)} vs. {V(e429.usual,sig=2)}\n- 502: {V(e502.max,sig=3,other=e504.max)} vs. {V(e502.usual,sig=1)}\n- 504: {V(e504.max,sig=3,other=e502.max)} vs. {V(e504.usual,sig=1)}",
        f"Declines (402) were normal throughout: between {V(e402.min,sig=2,other=e504.max)} and {V(e402.max,sig=2)} per interval, {V(e402.mean,sig=3,other=e502.mean)} on average. Cardholders being refused is therefore not what you were seeing.",
        f"Rate limiting was a side show. 429s got up to {V(f429['value'],sig=2,other=e502.max)} at {AT(e429,f429['at'])} ({f429['id']}), not quite twice the median of {V(e429.usual,sig=2)}, and were usual again by {T(f429['to'],later=False)}.",
        f"Authorize p99 was above its limit of {V(2.5,'s',sig=2)} for the whole incident, i.e. from {T(fp9['frm'])} until {T(fp9['to'])}, with the worst value of {M(p9.max,unit='s',other=p5.max)} at {T(p9.tmax)}. That's about {R(p9.max/p9.usual,nd=0)} the usual {M(p9.usual)}.",
        f"The median suffered much less: p50 rose from {M(p5.usual,other=p9.usual)} to at most {M(p5.max,other=p9.usual)}, which is {P((p5.max/p5.usual-1)*100)} more. So a minority of the calls got stuck while most went through.",
        f"The ledger's connection pool was exhausted. It sat at {V(180,sig=3,other=e502.max)} connections, its limit, in every one of the {C(14)} values between {T(ms('14:10'))} and {T(ms('15:20'))}; usual at that hour are {V(58,sig=2)} to {V(70,sig=2)} ({fpo['id']}).",
        f"Load does not explain it. Requests were about {V(480,'/s',sig=3,sp='')} instead of {V(414,'/s',sig=3,sp='')}, and so much load used to go with a p99 of only {M(891)}, not {M(7880,unit='s')} ({fl9['id']}).",
        f"The timing fits the deployment: deploy-pay updated `payments-api` at {T(ms('14:06'))}, {D(4,'minutes',step=1)} before the errors began. o.lindqvist updated it again at {T(ms('15:17'))} (a rollback, perhaps), {D(3,'minutes',step=1)} before everything recovered.",
        f"Which issuer? The logs count {V(3184,sig=4,other=2096)} times 504 and {V(2096,sig=4,other=3184)} times 502 for {N('northbank','coralpay','kestrel')}. {N('coralpay','northbank')} had {V(441,sig=3,other=317)} of code 504, and kestrel {V(317,sig=3,other=441)} of code 402.",
        f"northbank got {R(3184/441,nd=1)} as many 504s as coralpay ({V(3184,sig=4)} against {V(441,sig=3)}).",
        f"The webhook backlog is the one thing that hasn't recovered: {V(wh.last,sig=4,other=wh.mean)} at {AT(wh,wh.tlast)}, down from {V(wh.max,sig=4,other=rq.max)} at {T(wh.tmax)}, but usually it is only about {V(wh.usual,sig=2,other=po.usual)}. So {P(100*(1-wh.last/wh.max))} of it has been worked off in {D(35,'min')}.",
        f"Three alarms are open at the moment:\n- `pay-success-below-98_5` since {T(ms('14:22'))}, {D(a1,'hm',step=1)} ago\n- `webhook-backlog-growing` since {T(ms('14:51'))}, {D(a2,'hm',step=1)} ago\n- `disk-tmp-usage-ledger-2` since {T(ms('07:40'))}, {D(a3,'hm',step=1)} ago",
        f"Note that the alarm on the success rate is still open although the rate has been above {V(98.5,'%',sig=3,alt=False)} since {T(ms('15:20'),later=False)}; it has fired at {T(ms('14:22'))}, {D(12,'minutes',step=1)} after the limit was crossed.",
        f"The disk alarm ({V(84.2,'%') if 0 else 'disk-tmp-usage-ledger-2'}) is unrelated as far as I can tell: it started at {T(ms('07:40'))}, more than six hours before the errors, with a threshold of {V(80,'',sig=2,other=98.5)}.",
        f"| Code | 14:05 | 14:10 | 15:15 | 15:20 |\n|---|---|---|---|---|\n| 502 | {V(e502.at('14:05'),sig=1)} | {V(e502.at('14:10'),sig=3)} | {V(e502.at('15:15'),sig=3)} | {V(e502.at('15:20'),sig=1)} |\n| 504 | {V(e504.at('14:05'),sig=1)} | {V(e504.at('14:10'),sig=3)} | {V(e504.at('15:15'),sig=3)} | {V(e504.at('15:20'),sig=1)} |",
        f"At {AT(ok,'14:05',tol=.001)} the success rate was still {V(ok.at('14:05'),'%',sig=4,other=cp.at('14:05'))}; five minutes later it was {V(ok.at('14:10'),'%',sig=4)}. By {T(ms('15:20'),later=False)} it had returned to {V(ok.at('15:20'),'%',sig=4)}.",
        f"Success rate and pool usage moved in opposite directions at the same time, with a rank correlation of {slot('value','-0.98',[('value','-0.89'),('value','-0.68')])} over {C(41)} values ({fokpo['id']}). This suggests, but doesn't prove, that waiting for a connection is what made the requests fail.",
        f"Ledger CPU only rose a little, to {V(fcp['value'],'%',other=ok.min)} at {AT(cp,fcp['at'],tol=.02)} (usual: {V(30.1,'%')} to {V(34.8,'%')}), so the database itself wasn't overloaded. The mean over the three hours was {V(cp.mean,'%',other=ok.mean)}.",
        f"Over the whole range 504s averaged {V(e504.mean,sig=3,other=e502.mean)} per interval and 502s {V(e502.mean,sig=3,other=e504.mean)}. Together with a mean success rate of {V(ok.mean,'%',sig=3)} this is clearly worse than the usual {V(ok.usual,'%',sig=3)}.",
        f"Request rate: highest {V(rq.max,'/s',sig=3,sp='',other=e504.max)} at {T(rq.tmax)}, lowest {V(rq.min,'/s',sig=3,sp='')} at {T(rq.tmin)}, now {V(rq.last,'/s',sig=3,sp='')}. During the incident it was unusually high ({frq['id']}), maybe due to clients retrying.",
        f"Have errors stopped? Yes: since {T(ms('15:20'),later=False)} both 502 and 504 are down to single digits ({V(e502.last,sig=1)} and {V(e504.last,sig=1)} in the last interval), p99 is {M(p9.last,other=p5.last)} and the pool uses {V(po.last,sig=2,other=wh.usual)} of {V(180,sig=3)} connections.",
        f"If I compare {T(ms('15:00'))} with {AT(e502,'15:30')}: 502 errors {V(e502.at('15:00'),sig=3)} vs. {V(e502.at('15:30'),sig=1)}, p99 latency {M(p9.at('15:00'),unit='s')} vs. {M(p9.at('15:30'))}, connections {V(180,sig=3)} vs. {V(po.at('15:30'),sig=2)}.",
        f"Next steps:\n1. Compare the pool size in the task definition deployed at {T(ms('14:06'))} with the one before.\n2. Look at the terraform change of {N('ledger-pg15','payments-api')} at {T(ms('12:31'))}, which came {D(99,'hm',step=1)} before the incident.\n3. Keep an eye on the webhook backlog; it was {V(wh.at('15:40'),sig=4)} at {AT(wh,'15:40')}.",
        f"p99 of {M(p9.at('14:35'),unit='s')} at {AT(p9,'14:35',tol=.03)} is the worst in the three hours. In the last bucket before the deploy ({AT(p9,'14:00')}) it was {M(p9.at('14:00'))}.",
        f"The backlog of webhooks started growing at {T(fwh['frm'])}, one bucket after the errors, and by {AT(wh,'14:50',later=False)} it already exceeded its alarm threshold of {V(2000,sig=1,other=180)} with {V(wh.at('14:50'),sig=4)}.",
    )
    w.cause(
        False,
        "The 504s were caused by a fibre cut at northbank.",
        "The errors happened because a Kubernetes node ran out of disk.",
        "Latency rose due to a missing index in the ledger table.",
        "An expired API key at the issuer resulted in the 502s.",
        "Payment failures were triggered by a fraud rule that was too strict.",
        "The webhook backlog stems from a slow merchant endpoint.",
    )
    w.cause(
        True,
        "The errors were most likely caused by the payments-api deploy at 14:06.",
        "The success rate dropped because the ledger DB connections were exhausted (F11).",
        "The incident ended because o.lindqvist updated payments-api at 15:17.",
    )
