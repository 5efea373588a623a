# The numbers that metafor gives for public data sets, by the call that is stored beside each.
# Rscript tests/product_oracle/metafor.R, in the root of the clone; needs metafor, metadat, jsonlite.
# Written with metafor 3.8-1 and metadat 1.2-0. The data are facts of the papers that metadat names.
suppressMessages({library(metafor); library(metadat); library(jsonlite)})
folder <- "tests/product_oracle"
found <- list()
table <- function(name, data) write.csv(data, file.path(folder, "data", paste0(name, ".csv")), row.names = FALSE)

keep <- function(id, call, res, transf = identity, pi = FALSE, conv = FALSE) {
  pooled <- eval(parse(text = call), envir = globalenv())
  out <- list(id = id, call = call,
    estimate = transf(as.numeric(pooled$beta)), ci_lower = transf(pooled$ci.lb), ci_upper = transf(pooled$ci.ub),
    q = pooled$QE, i2 = pooled$I2 / 100)
  if (!is.null(pooled$tau2) && pooled$method != "EE" && pooled$method != "FE") {
    out$tau2 <- pooled$tau2
    limits <- tryCatch(confint(pooled)$random, error = function(e) NULL)
    if (!is.null(limits)) { out$tau2_lower <- limits[1, 2]; out$tau2_upper <- limits[1, 3] }
  }
  if (pi) { p <- predict(pooled); out$pi_lower <- transf(p$pi.lb); out$pi_upper <- transf(p$pi.ub) }
  found[[id]] <<- out
}
es <- function(...) escalc(...)

# ---- means: length of stay after a stroke, Normand 1999
normand <- dat.normand1999; table("normand1999", normand[c("source","n1i","m1i","sd1i","n2i","m2i","sd2i")])
md <- escalc("MD", m1i=m1i, sd1i=sd1i, n1i=n1i, m2i=m2i, sd2i=sd2i, n2i=n2i, data=normand)
keep("normand-default", 'rma(yi, vi, data=md, test="adhoc")', pi=TRUE)
keep("normand-dl", 'rma(yi, vi, data=md, method="DL")')
keep("normand-common", 'rma(yi, vi, data=md, method="EE")')
smd <- escalc("SMD", m1i=m1i, sd1i=sd1i, n1i=n1i, m2i=m2i, sd2i=sd2i, n2i=n2i, data=normand)
keep("normand-smd", 'rma(yi, vi, data=smd, test="knha")', pi=TRUE)
glass <- escalc("SMD1", m1i=m1i, sd1i=sd1i, n1i=n1i, m2i=m2i, sd2i=sd2i, n2i=n2i, data=normand)
keep("normand-glass", 'rma(yi, vi, data=glass, test="knha")')
rom <- escalc("ROM", m1i=m1i, sd1i=sd1i, n1i=n1i, m2i=m2i, sd2i=sd2i, n2i=n2i, data=normand)
keep("normand-rom", 'rma(yi, vi, data=rom, test="knha")', transf=exp)

# ---- events: BCG against tuberculosis, Colditz 1994
bcg <- dat.bcg; table("bcg", bcg[c("author","year","tpos","tneg","cpos","cneg","ablat","alloc")])
rr <- escalc("RR", ai=tpos, bi=tneg, ci=cpos, di=cneg, data=bcg)
or <- escalc("OR", ai=tpos, bi=tneg, ci=cpos, di=cneg, data=bcg)
as <- escalc("AS", ai=tpos, bi=tneg, ci=cpos, di=cneg, data=bcg)
rd <- escalc("RD", ai=tpos, bi=tneg, ci=cpos, di=cneg, data=bcg)
keep("bcg-default", 'rma(yi, vi, data=rr, test="adhoc")', transf=exp, pi=TRUE)
for (m in c("REML","DL","PM","ML","EB","SJ","HE","HS"))
  keep(paste0("bcg-", m), sprintf('rma(yi, vi, data=rr, method="%s", test="knha", control=list(threshold=1e-10, maxiter=10000, tol=1e-10))', m), transf=exp)
keep("bcg-t", 'rma(yi, vi, data=rr, test="t")', transf=exp)
keep("bcg-90", 'rma(yi, vi, data=rr, level=90)', transf=exp, pi=TRUE)
keep("bcg-or", 'rma(yi, vi, data=or)', transf=exp)
keep("bcg-as", 'rma(yi, vi, data=as)')
keep("bcg-rd", 'rma(yi, vi, data=rd, method="EE")')
keep("bcg-mh-rr", 'rma.mh(tpos, tneg, cpos, cneg, measure="RR", data=bcg)', transf=exp)
keep("bcg-mh-or", 'rma.mh(tpos, tneg, cpos, cneg, measure="OR", data=bcg)', transf=exp)
for (a in c("alternate","random","systematic"))
  keep(paste0("bcg-alloc-", a), sprintf('rma(yi, vi, data=rr, subset=alloc=="%s")', a), transf=exp)
parts <- lapply(c("alternate","random","systematic"), function(a) rma(yi, vi, data=rr, subset=alloc==a))
between <- rma(sapply(parts, coef), sapply(parts, function(p) p$se^2), method="EE")
found[["bcg-between"]] <- list(id="bcg-between", call='rma(<estimates of the three>, <se^2>, method="EE")', q=between$QE, df=between$k-1, p=between$QEp)
reg <- rma(yi, vi, mods=~ablat, data=rr)
found[["bcg-ablat"]] <- list(id="bcg-ablat", call='rma(yi, vi, mods=~ablat, data=rr)', slope=reg$beta[2], slope_lower=reg$ci.lb[2], slope_upper=reg$ci.ub[2], p=reg$pval[2])
eg <- regtest(rma(yi, vi, data=rr), model="lm")
found[["bcg-egger"]] <- list(id="bcg-egger", call='regtest(rma(yi, vi, data=rr), model="lm")', t=eg$zval, p=eg$pval)

# ---- rare events: magnesium after a heart attack, Li 2007
magnesium <- dat.li2007; table("li2007", magnesium[c("id","study","ai","n1i","ci","n2i")])
mg <- escalc("OR", ai=ai, n1i=n1i, ci=ci, n2i=n2i, data=magnesium, drop00=TRUE)
mg <- mg[!is.na(mg$yi),]
keep("li-default", 'rma(yi, vi, data=mg, test="adhoc")', transf=exp, pi=TRUE)
keep("li-peto", 'rma.peto(ai=ai, n1i=n1i, ci=ci, n2i=n2i, data=magnesium)', transf=exp)

# ---- Peto's odds ratio: beta blockers, Yusuf 1985 (table 6)
yusuf <- subset(dat.yusuf1985, table == 6 & !is.na(ai)); table("yusuf1985", yusuf[c("id","trial","ai","n1i","ci","n2i")])
keep("yusuf-peto", 'rma.peto(ai=ai, n1i=n1i, ci=ci, n2i=n2i, data=yusuf)', transf=exp)

# ---- rates: catheters, Niel-Weise 2008; warfarin, Hart 1999
niel <- dat.nielweise2008; table("nielweise2008", niel[c("study","authors","year","x1i","t1i","x2i","t2i")])
irr <- escalc("IRR", x1i=x1i, t1i=t1i, x2i=x2i, t2i=t2i, data=niel)
keep("niel-irr", 'rma(yi, vi, data=irr, test="adhoc")', transf=exp, pi=TRUE)
hart <- dat.hart1999; table("hart1999", hart[c("study","year","x1i","t1i","x2i","t2i")])
keep("hart-mh", 'rma.mh(x1i=x1i, t1i=t1i, x2i=x2i, t2i=t2i, measure="IRR", data=hart)', transf=exp)
ird <- escalc("IRD", x1i=x1i, t1i=t1i, x2i=x2i, t2i=t2i, data=hart)
keep("hart-ird", 'rma(yi, vi, data=ird, control=list(threshold=1e-12))')

# ---- proportions: hyperdynamic therapy, Pritz 1997
pritz <- dat.pritz1997; table("pritz1997", pritz[c("study","authors","xi","ni")])
for (m in c("PR","PLO","PLN","PFT","PAS")) {
  pr <- escalc(m, xi=xi, ni=ni, data=pritz)
  back <- switch(m, PLO=transf.ilogit, PLN=exp, PAS=transf.iarcsin, identity,
    PFT=function(x) transf.ipft.hm(x, targs=list(ni=pritz$ni)))
  keep(paste0("pritz-", tolower(m)), 'rma(yi, vi, data=pr)', transf=back)
}

# ---- hazard ratios: chemotherapy, Pignon 2000 (O - E and V); MYCN, Riley 2003 (log HR)
pignon <- dat.pignon2000; table("pignon2000", pignon[c("id","trial","OmE","V")])
keep("pignon-hr", 'rma(OmE/V, 1/V, data=pignon, method="EE")', transf=exp)
keep("pignon-random", 'rma(OmE/V, 1/V, data=pignon, test="knha")', transf=exp)
riley <- subset(dat.riley2003, outcome == "OS"); riley <- riley[!is.na(riley$yi),]; table("riley2003", riley[c("study","yi","sei")])
keep("riley-hr", 'rma(yi, sei=sei, data=riley, test="adhoc")', transf=exp, pi=TRUE)

# ---- generic odds ratios: passive smoking, Hackshaw 1998
smoke <- dat.hackshaw1998; table("hackshaw1998", smoke[c("study","author","year","or","or.lb","or.ub","yi","vi")])
keep("hackshaw-or", 'rma(yi, vi, data=smoke)', transf=exp)

# ---- hydroxychloroquine against COVID-19, Axfors 2021 (risk differences of rare events)
hcq <- subset(dat.axfors2021, hcq_cq == "hcq")
hcq$trial <- paste(hcq$id, hcq$acronym)
table("axfors2021", hcq[c("trial","hcq_arm_event","hcq_arm_total","control_arm_event","control_arm_total")])
hrr <- escalc("RR", ai=hcq_arm_event, n1i=hcq_arm_total, ci=control_arm_event, n2i=control_arm_total, data=hcq, drop00=TRUE)
hrr <- hrr[!is.na(hrr$yi),]
keep("hcq-rr", 'rma(yi, vi, data=hrr)', transf=exp) # tau2 is 0: the normal interval

write_json(unname(found), file.path(folder, "metafor.json"), auto_unbox=TRUE, digits=NA, pretty=TRUE)
