"""The second corpus: what may truly be said of the world "game", and causes (False: invented)."""
from tests.bench.checker_second_worlds import *  # noqa: F403


def paras(w):
    T = w.T
    ms = w.ms
    wt, q, st, ab, fl, idl, rtt, api, pl = w.wait, w.q, w.st, w.ab, w.fl, w.idle, w.rtt, w.api, w.pl
    F = lambda k, t=None, o=None: w.f(k, t, o)
    fq = F("sudden_change", "Players in queue")
    fw = F("limit", "Match wait")
    fo = F("sudden_change", "Players online")
    fa = F("sudden_change", "Tickets abandoned")
    fap = F("sudden_change", "Login API")
    fs = F("sudden_change", "Active game")
    fst = F("sudden_change", "Matches started")
    fi = F("sudden_change", "Idle game")
    ft = F("moves_together", "Players in queue", "Active")
    ftw = F("moves_together", "Match wait", "Active")
    L = "fleet-2f81c0de"
    Lb = "fleet-77aa41b9"
    R0 = lambda s, t, i=0: s.row(t)[i]
    bk = lambda t: T(ms(t), step=10, far=30)
    w.A(
        f"Yes. Between {T(fq['frm'],later=False)} and {T(fq['to'],earlier=False)} players waited far too long for a match: p95 wait time went up to {V(wt.max,'s',other=api.max/1000)} ({T(wt.tmax)}), against {V(wt.usual,'s')} on a normal evening. It is over now; the last value is {V(wt.last,'s')}.",
        f"The fleet shrank at {T(fs['frm'])} from {V(fl.row('18:30')[2],sig=2,other=idl.max)} to {V(46,sig=2,other=84)} active servers and stayed there until {T(fs['to'])}. Shortly after, no idle server was left ({fi['id']}), queues built up, and waits exceeded {V(45,'s',sig=2,alt=False)}.",
        f"Here is what I can see for the window:\n\n* Players in queue peaked at {V(q.max,sig=4,other=pl.min)} at {T(q.tmax)}\n* Tickets abandoned peaked at {V(ab.max,sig=2,other=st.max)} at {T(ab.tmax)}\n* Matches started bottomed out at {V(st.min,sig=2,other=q.min)} at {T(st.tmin)}\n* Players online had dipped to {V(fo['value'],sig=5,other=pl.max)} by {AT(pl,fo['at'],tol=.02,later=False)}",
        f"`arena-wait-p95-high` fired at {T(ms('18:57'))} and cleared at {T(ms('20:34'))}, so it was in ALARM for {D(97,'hm',step=1)}. Last week, on the 13th, the same alarm fired at {T(ms('18:42'))} and was over at {T(ms('19:05'))}, after only {D(23,'minutes',step=1)}.",
        f"Two capacity changes frame the incident. season-rollout changed {N(L,Lb)} at {T(ms('18:36'))}, {D(4,'minutes',step=1)} before the number of active servers dropped; mia.tran changed it again at {T(ms('20:21'))}, and {D(4,'minutes',step=1)} later the servers were back.",
        f"Supply, not demand: the number of players online peaked at {V(pl.max,sig=5,other=q.max)}, which is in line with the usual {V(pl.lo,sig=5)} to {V(pl.hi,sig=5)}, whereas active servers were at {V(46,sig=2)} instead of the usual {V(fl.usual,sig=2,other=st.usual)} or so.",
        f"The queue grew by a factor of {R(q.max/q.usual,style='{}',nd=1)}: {V(q.max,sig=4)} players at the peak versus a median of {V(q.usual,sig=3)} at these hours.",
        f"In numbers, compared with the usual level at the time:\n- **Wait p95:** {V(fw['value'],'s')} (usual {V(18.3,'s')} to {V(21.9,'s')})\n- **Abandoned tickets:** {V(fa['value'],sig=2)} (usual {V(2,sig=1)} to {V(8,sig=1)})\n- **Matches started:** {V(fst['value'],sig=2)} (usual {V(198,sig=3)} to {V(224,sig=3)})",
        f"Matches started fell to {V(fst['value'],sig=2,other=ab.max)} per interval at {AT(st,fst['at'])}, about {P(100*fst['value']/st.usual)} of the median of {V(st.usual,sig=3)}. They were unusual from {T(fst['frm'])} on and for {D((fst['to']-fst['frm'])//MIN,'hm')} in all.",
        f"Ping was not affected. It ranged from {M(rtt.min,other=api.min)} to {M(rtt.max,other=api.max)} with a mean of {M(rtt.mean)}; the limit is {M(90,sig=2)}. So this isn't a network problem.",
        f"There is also a short, separate spike: login API latency reached {M(api.max,other=api.usual)} at {T(api.tmax)} (usually {M(165)} to {M(200)}) and was back to normal {D(15,'minutes')} later. That was {D(85,'{} minutes',step=5)} before the servers went away, so I don't think the two are connected.",
        f"The wait limit of {V(45,'s',sig=2)} was exceeded from {T(fw['frm'])} to {T(fw['to'])}, in all {C(19)} values of that stretch. The worst one, {V(fw['value'],'s',sig=3)}, was at {T(fw['at'])}: {R(fw['value']/45,nd=1)} the limit.",
        f"**Did players leave?** Somewhat. Players online were unusually low from {T(fo['frm'])} to {T(fo['to'])} ({fo['id']}), down to {V(fo['value'],sig=5)} where {V(18191,sig=5)} to {V(18646,sig=5)} would be expected, i.e. at least {V(18191-fo['value'],sig=4,alt=False)} fewer.",
        f"1. {T(ms('18:36'))}: UpdateFleetCapacity by season-rollout on {L}\n2. {T(ms('18:40'))}: active servers drop to {C(46)}\n3. {T(ms('18:55'))}: idle servers hit {C(0) if 0 else '0'}; tickets start to be abandoned\n4. {T(ms('18:57'))}: alarm\n5. {T(ms('20:21'))}: UpdateFleetCapacity by {N('mia.tran','season-rollout')}\n6. {T(ms('20:25'))}: servers, queue and waits are back to usual",
        f"Players in queue and active servers moved in opposite directions over {C(55)} values, rank correlation {slot('value','-0.97',[('value','-0.79'),('value','-0.57')])} ({ft['id']}); the same holds for wait time and active servers ({ftw['id']}).",
        f"The fleet settings say min {V(10,sig=2,other=30)}, max {V(46,sig=2,other=30)} and desired {V(46,sig=2,other=12)} for {N(L,Lb)}. The other one, {N(Lb,L)}, has a max of {V(30,sig=2,other=46)} and a desired count of {V(12,sig=2,other=46)}. A ceiling of {V(46,sig=2,other=30)} matches the number of servers that were running exactly.",
        f"In the ten minutes from {BK(q,'19:00')} on, {V(R0(q,'19:00'),sig=4)} players were queued on average; by the {BK(q,'19:30')} row it was {V(R0(q,'19:30'),sig=4)}, and at {BK(q,'20:30')} only {V(R0(q,'20:30'),sig=3)} again.",
        f"| Time | Wait p95 (mean) | Players in queue (mean) | Active servers (mean) |\n|---|---|---|---|\n| 18:30 | {V(R0(wt,'18:30'),'s')} | {V(R0(q,'18:30'),sig=3)} | {V(R0(fl,'18:30'),sig=3)} |\n| 19:30 | {V(R0(wt,'19:30'),'s')} | {V(R0(q,'19:30'),sig=4)} | {V(R0(fl,'19:30'),sig=2)} |\n| 20:30 | {V(R0(wt,'20:30'),'s')} | {V(R0(q,'20:30'),sig=3)} | {V(R0(fl,'20:30'),sig=3)} |",
        f"Everything has been fine for about an hour: since {T(ms('20:25'),later=False)} wait times have stayed below {V(45,'s',sig=2,alt=False)}, and currently there are {V(fl.last,sig=2,other=idl.last)} active and {V(idl.last,sig=2,other=fl.last)} idle servers.",
        f"Abandoned tickets rose with a delay. They became unusual at {T(fa['frm'])}, {D(15,'minutes')} after the fleet had shrunk, reached {V(fa['value'],sig=2)} at {AT(ab,fa['at'])}, and returned to normal after {D(90,'hm')} ({fa['id']}).",
        f"On average over the six hours {V(ab.mean,sig=3,other=st.mean)} tickets were abandoned per interval, where {V(ab.usual,sig=1)} is usual, and {V(st.mean,sig=3,other=ab.mean)} matches started instead of {V(st.usual,sig=3)}, {P((1-st.mean/st.usual)*100)} fewer.",
        f"Idle capacity tells the story best. Usually {V(idl.usual,sig=1,other=30)} or so servers stand by; from {T(fi['frm'],later=False)} until {T(fi['to'],earlier=False)} there were none, and now it is {V(idl.last,sig=2)} again.",
        f"Recovery was quick once capacity was raised at {T(ms('20:21'))}: active servers went from {V(46,sig=2)} to {V(fl.at('20:30'),sig=2,other=q.min)} at {AT(fl,'20:30')}, the highest value in the range.",
        f"**To do**\n- Ask season-rollout why {N(L,Lb)} was capped at {V(46,sig=2,other=30)} right before the evening peak.\n- Check whether the scaling policy on {N(Lb,L)} from {T(ms('16:48'))} was meant for the other fleet.\n- Consider an alarm on idle servers: they were gone {D(2,'minutes',step=1)} before the wait alarm fired at {T(ms('18:57'))}.",
        f"Right now it is {T(w.now)} PST and I see no open problem: queue {V(q.last,sig=3)}, wait {V(wt.last,'s')}, ping {M(rtt.last)}, login API {M(api.last)}.",
        f"The usual band for wait time at these hours is {V(wt.lo,'s')} to {V(wt.hi,'s')}. The mean of the whole range, {V(wt.mean,'s',other=rtt.mean)}, is {R(wt.mean/wt.usual,nd=1)} the median.",
    )
    w.cause(
        False,
        "The long waits were caused by a DDoS attack on the matchmaker.",
        "Matches started dropped because of a bug in the skill rating service.",
        "A full disk on the ticket database led to the abandoned tickets.",
        "The login API spike is due to an expired OAuth certificate.",
        "Players left because a new patch crashed their clients.",
        "The fleet shrank as a result of spot instance reclamation.",
    )
    w.cause(
        True,
        "Waits rose because the fleet had been capped by season-rollout's UpdateFleetCapacity at 18:36.",
        "The capacity change by mia.tran at 20:21 resolved it: it brought the servers back, which ended the long waits.",
        "Wait times rose because the number of active game servers fell (F11).",
    )
