"""The second corpus: what may truly be said of the world "k8s", and causes (False: invented)."""
from tests.bench.checker_second_worlds import *  # noqa: F403


def paras(w):
    T = w.T
    ms = w.ms
    (m21, m88, m140), (c21, c88, c140), (rc, rsr) = w.mem, w.cpu, w.rs
    pe, la, th, net = w.pend, w.lat, w.thr, w.net
    F = lambda k, t=None, o=None: w.f(k, t, o)
    fm = F("sudden_change", "Node memory")
    fl = F("limit", "Node memory")
    fr = F("sudden_change", "restarts")
    fc = F("sudden_change", "Node CPU")
    fla = F("limit", "Cart")
    fth = F("sudden_change", "throttling")
    fp = F("limit", "Pending")
    n21, n88, n140 = "ip-10-3-7-21", "ip-10-3-7-88", "ip-10-3-9-140"
    age = (w.now - ms("10:18")) // MIN
    i = "i-09fe3b2c4d7711aa6"
    px, pm = "cart-svc-7c9d6f5b8-x2lqv", "cart-svc-7c9d6f5b8-mm4tz"
    bk = lambda t: T(ms(t), step=10, far=30)
    lims = 31138512896
    w.A(
        f"One node was the problem, {N(n88,n21,n140)}, and it looks healthy again. Its memory climbed to {V(m88.max,'GB',other=m21.max)} at {T(m88.tmax)}, beyond the limit of {V(lims,'GB')}, and has been at about {V(m88.last,'GB',other=m21.last)} since {T(fm['frm'],later=False)}, which is even less than usual.",
        f"The cluster is mostly fine now. Pending pods: {V(pe.last,sig=1,other=pe.max)}. Cart latency p90: {M(la.last*1000,other=1300)}. CPU throttling: {V(th.last,'%',other=th.max)}. Restarts of cart-svc in the last interval: {C(0) if 0 else '0'}.",
        f"Memory by node at the end of the range:\n- {N(n21,n88)}: {V(m21.last,'GB',other=m88.last)}\n- {N(n88,n21)}: {V(m88.last,'GB',other=m21.last)}\n- {N(n140,n21)}: {V(m140.last,'GB',other=m21.last)}",
        f"The other two nodes did nothing unusual: {n21} stayed within {V(m21.min,'GB',other=m140.min)} and {V(m21.max,'GB',other=m88.max)}, {n140} within {V(m140.min,'GB',other=m21.min)} and {V(m140.max,'GB',other=m88.max)}.",
        f"cart-svc restarted a lot between {T(fr['frm'],later=False)} and {T(fr['to'],earlier=False)} ({fr['id']}): up to {C(11)} times per 5 minutes, where {C(1)} at most is usual. search-svc, in contrast, never had more than one restart in any interval.",
        f"The logs show why the containers ended: {N(pm,px)} was OOMKilled {C(23)} times and {N(px,pm)} {C(19)} times. `search-svc-5d8f7c-9kk2p` ended with an error {C(2)} times. ({V(71.4e6,'MB')} were scanned.)",
        f"**Cart latency.** p90 exceeded {V(.5,'s',sig=1,alt=False)} from {T(fla['frm'])} to {T(fla['to'])}, all {C(13)} values of it, with a maximum of {V(la.max,'s',fx=2)} at {T(la.tmax)}. Usual would be {M(78.6)} to {M(93.2)}, so it was about {R(la.max/la.usual,nd=0)} slower than the median of {M(la.usual*1000)}.",
        f"When {N(i,'i-0b7e41c9d2a85f630') if 0 else i} was terminated by r.okafor at {T(ms('10:39'))}, its pods had to be rescheduled: pending pods went to {V(pe.max,sig=2,other=11)} ({T(pe.tmax)}), and were above the limit of {V(10,sig=2,other=29)} for {D(25,'minutes')}, until {T(fp['to'])}.",
        f"Here's the order of events (EST):\n- {T(ms('08:58'))} node group `shop-ng-2` is reconfigured by platform-ci\n- {T(fc['frm'])} CPU of {n88} goes up\n- {T(fth['frm'])} throttling becomes unusual\n- {T(fl['frm'])} memory crosses its limit\n- {T(ms('10:18'))} KubeNodeMemoryPressure fires\n- {T(ms('10:39'))} the instance is terminated\n- {T(ms('11:05'))} latency and pending pods are normal again",
        f"`KubeNodeMemoryPressure` is still in ALARM. It has been for {D(age,'hm',step=1)}, since {T(ms('10:18'))}. Its threshold is {V(29*2**30,'GiB',sig=2)}; the node is now at {V(m88.last,'GB')}.",
        f"CPU of {n88} was {V(fc['value'],'%',other=c21.max)} at {AT(c88,fc['at'])} (usual at that hour: {V(44.6,'%')} to {V(50.8,'%')}). The highest value in the range was {V(c88.max,'%',other=c140.max)} at {T(c88.tmax)}. It was unusual for {D((fc['to']-fc['frm'])//MIN,'hm')}, until {T(fc['to'])}.",
        f"Average CPU since 7am, per node: {V(c21.mean,'%',other=c88.mean)} on {N(n21,n88)}, {V(c88.mean,'%',other=c21.mean)} on {N(n88,n140)} and {V(c140.mean,'%',other=c88.mean)} on {N(n140,n88)}.",
        f"Throttling came {D(20,'minutes')} after the rise of CPU according to the best lag, rank correlation {slot('value','0.84',[('value','0.48'),('value','0.74')])} ({F('moves_together','Node CPU','throttling')['id']}). It peaked with {V(th.max,'%',other=c88.max)} at {T(th.tmax)}, about {R(th.max/th.usual,nd=0,style='{}×')} its median of {V(th.usual,'%',sig=3)}.",
        f"Traffic doesn't explain it. Ingress was {V(net.mean,'MB/s',sig=3)} on average, equal to the usual median of {V(net.usual,'MB/s',sig=3)}, and its maximum, {V(net.max,'MB/s',sig=3)} at {T(net.tmax)}, came after the incident.".replace(
            "MB/s", "MB/s"
        ),
        f"In ten-minute rows, memory of {n88} rose from {V(m88.row('09:00')[0],'GB')} ({BK(m88,'09:00')}) via {V(m88.row('09:30')[0],'GB')} ({BK(m88,'09:30')}) to {V(m88.row('10:10')[0],'GB')} ({BK(m88,'10:10')}), and then fell to {V(m88.row('10:40')[0],'GB')} at {BK(m88,'10:40')}.",
        f"| | {n21} | {n88} | {n140} |\n|---|---|---|---|\n| Memory, max | {V(m21.max,'GB')} | {V(m88.max,'GB')} | {V(m140.max,'GB')} |\n| Memory, last | {V(m21.last,'GB')} | {V(m88.last,'GB')} | {V(m140.last,'GB')} |\n| CPU, max | {V(c21.max,'%')} | {V(c88.max,'%')} | {V(c140.max,'%')} |",
        f"Compared to its usual {V(m88.usual,'GB')} the node had {P((m88.max/m88.usual-1)*100)} more memory in use at the peak. Now it is {P((1-m88.last/m88.usual)*100)} below.",
        f"Between {n88} and {n140} there was a gap of {V(m88.max-m140.max,'GB')} in peak memory ({V(m88.max,'GB')} vs {V(m140.max,'GB')}).",
        f"The memory limit was exceeded from {T(fl['frm'])} to {T(fl['to'])}, {C(6)} of {C(6)} values. That ended with the termination of `{i}` one minute earlier, at {T(ms('10:39'))}.",
        f"It took {D(65,'hm')} from the first sign (CPU, {T(fc['frm'])}) to the memory limit being crossed ({T(fl['frm'])}), and another {D(8,'minutes',step=1)} until the alarm fired.",
        f"Was it the node group change? It's the only change before: UpdateNodegroupConfig on {N('shop-ng-2')} by {N('platform-ci','r.okafor')} at {T(ms('08:58'))}, {D(7,'minutes',step=1)} before CPU went up. The data cannot show whether it affected {n88} alone.",
        f"Throttling was unusual from {T(fth['frm'])} to {T(fth['to'])}, i.e. for {D((fth['to']-fth['frm'])//MIN,'hm')}; outside that time it was within {V(th.lo,'%')} to {V(th.hi,'%')} nine times out of ten.",
        f"Pods restarted because containers ran out of memory, to be precise `cart-svc`. In total the log query counted {C(23)} + {C(19)} OOM kills for its two pods, and only {C(2)} errors for `search-svc-5d8f7c-9kk2p`.".replace(
            "Pods restarted because containers ran out of memory, to be precise", "The restarts concern"
        ),
        f"In the row of {BK(la,'11:10',tol=.2)} p90 of the cart service was back at {M(la.row('11:10')[0]*1000)} or so. The mean for the range, {V(la.mean,'s',fx=3)}, is distorted by the incident; the median at these hours is {M(la.usual*1000)}.".replace(
            "By ", "After "
        ),
        f"I would do two things next. First, compare the settings of `shop-ng-2` before and after {T(ms('08:58'))}. Second, find out what ran on {N(n88,n140)} that needed {V(m88.max,'GB',other=m140.max)}; the logs name two pods of cart-svc with {C(42) if 0 else C(23)} and {C(19)} kills.",
        f"At {AT(pe,'10:45',tol=.3)} there were more than ten pods pending (the row for {BK(pe,'10:40',1)} shows {V(pe.row('10:40')[1],sig=2)} to {V(pe.row('10:40')[2],sig=2)}). At the end of the range it is {V(pe.last,sig=1)}, where at most {V(1,sig=1)} is usual.",
    )
    w.cause(
        False,
        "The memory growth was caused by a Redis cache that was never evicted.",
        "cart-svc restarted because its liveness probe pointed at the wrong port.",
        "The latency is due to a slow DNS resolver in the cluster.",
        "A cron job that compresses images led to the CPU throttling.",
        "The pending pods were triggered by a broken container registry.",
        "Throttling occurred as a result of a kernel bug.",
    )
    w.cause(
        True,
        "The pending pods were caused by r.okafor's termination of i-09fe3b2c4d7711aa6 at 10:39.",
        "CPU throttling rose because the CPU of node ip-10-3-7-88 went up 20 minutes before (F8).",
    )
