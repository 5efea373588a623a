# What metafor makes of public data sets: planned.json holds each call beside its numbers.
# Rscript tests/oracle/planned.R > tests/oracle/planned.json   (Debian: r-cran-metafor)
suppressMessages(library(metafor))
tight <- list(threshold = 1e-12, maxiter = 10000, stepadj = 0.5, tol = 1e-12)
two <- function(d) list(events_1 = d$tpos, total_1 = d$tpos + d$tneg, events_2 = d$cpos, total_2 = d$cpos + d$cneg)
means <- function(d) list(mean_1 = d$m1i, sd_1 = d$sd1i, n_1 = d$n1i, mean_2 = d$m2i, sd_2 = d$sd2i, n_2 = d$n2i)
rates <- function(d) list(events_1 = d$x1i, time_1 = d$t1i, events_2 = d$x2i, time_2 = d$t2i)
bcg <- dat.bcg; normand <- dat.normand1999; hart <- dat.hart1999; pritz <- dat.pritz1997
nielweise <- dat.nielweise2008; pignon <- dat.pignon2000; curtis <- head(dat.curtis1998, 12)
riley <- dat.riley2003[dat.riley2003$outcome == "OS", ]; li <- dat.li2007
columns <- list(
  bcg = two(bcg), normand = means(normand), hart = rates(hart), nielweise = rates(nielweise),
  curtis = means(curtis), pritz = list(events = pritz$xi, total = pritz$ni),
  pignon = list(o_minus_e = pignon$OmE, variance = pignon$V),
  riley = list(estimate = riley$yi, se = riley$sei),
  li = list(events_1 = li$ai, total_1 = li$n1i, events_2 = li$ci, total_2 = li$n2i))
shape <- c(bcg = "tables", li = "tables", normand = "means", curtis = "means", hart = "rates", nielweise = "rates",
  pritz = "proportion", pignon = "log_rank", riley = "log_given")
t2 <- "ai=tpos,bi=tneg,ci=cpos,di=cneg,data=bcg"
m2 <- "m1i=m1i,sd1i=sd1i,n1i=n1i,m2i=m2i,sd2i=sd2i,n2i=n2i"
rt <- "x1i=x1i,t1i=t1i,x2i=x2i,t2i=t2i"
rma2 <- function(measure, data, rest) sprintf('rma(measure="%s",%s,%s,control=tight)', measure, data, rest)
case <- function(id, data, call, plan, by = NULL, pi = NULL) list(id = id, data = data, call = call, plan = plan, by = by, pi = pi)
iv <- function(measure, ...) c(list(measure = measure, method = "IV", model = "random"), list(...))
cases <- list(
  case("bcg-rr-reml-wald", "bcg", rma2("RR", t2, 'method="REML"'), iv("RR", tau2 = "REML", interval = "wald", prediction = "as-tested"), pi = "z"),
  case("bcg-rr-dl-hk-90", "bcg", rma2("RR", t2, 'method="DL",test="knha",level=90'), iv("RR", tau2 = "DL", interval = "HK", prediction = "t-k-1", level = 0.9), pi = "t"),
  case("bcg-or-ml-t-99", "bcg", rma2("OR", t2, 'method="ML",test="t",level=99'), iv("OR", tau2 = "ML", interval = "t", prediction = "as-tested", level = 0.99), pi = "t"),
  case("bcg-or-pm-floored", "bcg", rma2("OR", t2, 'method="PM",test="adhoc"'), iv("OR", tau2 = "PM", interval = "hartung-knapp-floored", prediction = "none")),
  case("bcg-rd-eb", "bcg", rma2("RD", t2, 'method="EB"'), iv("RD", tau2 = "EB", interval = "wald", prediction = "none")),
  case("bcg-as-sj", "bcg", rma2("AS", t2, 'method="SJ"'), iv("AS", tau2 = "SJ", interval = "wald", prediction = "none")),
  case("bcg-peto-iv-he", "bcg", rma2("PETO", t2, 'method="HE"'), iv("PETO", tau2 = "HE", interval = "wald", prediction = "none")),
  case("bcg-rr-hs", "bcg", rma2("RR", t2, 'method="HS"'), iv("RR", tau2 = "HS", interval = "wald", prediction = "none")),
  case("bcg-rr-common", "bcg", rma2("RR", t2, 'method="EE"'), list(measure = "RR", method = "IV", model = "common", interval = "wald")),
  case("bcg-rr-mh", "bcg", sprintf('rma.mh(measure="RR",%s)', t2), list(measure = "RR", method = "MH", model = "common")),
  case("bcg-or-mh-by-allocation", "bcg", sprintf('rma.mh(measure="OR",%s,subset=%%s)', t2), list(measure = "OR", method = "MH", model = "common"), by = as.character(bcg$alloc)),
  case("bcg-rr-reml-by-allocation", "bcg", rma2("RR", t2, 'method="REML",subset=%s'), iv("RR", tau2 = "REML", interval = "wald", prediction = "none"), by = as.character(bcg$alloc)),
  case("bcg-rr-hk-by-allocation", "bcg", rma2("RR", t2, 'method="DL",test="knha",subset=%s'), iv("RR", tau2 = "DL", interval = "hartung-knapp", prediction = "none"), by = as.character(bcg$alloc)),
  case("bcg-peto-by-allocation", "bcg", sprintf('rma.peto(%s,subset=%%s)', t2), list(measure = "PETO", method = "PETO", model = "common"), by = as.character(bcg$alloc)),
  case("normand-md-reml-hk", "normand", rma2("MD", paste0(m2, ",data=normand"), 'method="REML",test="knha"'), iv("MD", tau2 = "REML", interval = "hartung-knapp", prediction = "t-k-1"), pi = "t"),
  case("normand-smd-reml", "normand", rma2("SMD", paste0(m2, ",data=normand"), 'method="REML"'), iv("SMD", tau2 = "REML", interval = "wald", prediction = "none")),
  case("normand-smdh-pm", "normand", rma2("SMDH", paste0(m2, ",data=normand"), 'method="PM"'), iv("SMDH", tau2 = "PM", interval = "wald", prediction = "none")),
  case("normand-glass-dl", "normand", rma2("SMD1", paste0(m2, ",data=normand"), 'method="DL"'), iv("SMD1", tau2 = "DL", interval = "wald", prediction = "none")),
  case("normand-rom-reml", "normand", rma2("ROM", paste0(m2, ",data=normand"), 'method="REML"'), iv("ROM", tau2 = "REML", interval = "wald", prediction = "none")),
  case("curtis-rom-reml-hk", "curtis", rma2("ROM", paste0(m2, ",data=curtis"), 'method="REML",test="knha"'), iv("ROM", tau2 = "REML", interval = "HK", prediction = "none")),
  case("hart-irr-reml", "hart", rma2("IRR", paste0(rt, ",data=hart"), 'method="REML"'), iv("IRR", tau2 = "REML", interval = "wald", prediction = "none")),
  case("hart-irr-mh", "hart", sprintf('rma.mh(measure="IRR",%s,data=hart)', rt), list(measure = "IRR", method = "MH", model = "common")),
  case("nielweise-irr-mh", "nielweise", sprintf('rma.mh(measure="IRR",%s,data=nielweise)', rt), list(measure = "IRR", method = "MH", model = "common")),
  case("nielweise-ird-reml", "nielweise", rma2("IRD", paste0(rt, ",data=nielweise"), 'method="REML"'), iv("IRD", tau2 = "REML", interval = "wald", prediction = "none")),
  case("pritz-plo-reml-hk", "pritz", rma2("PLO", "xi=xi,ni=ni,data=pritz", 'method="REML",test="knha"'), iv("PLO", tau2 = "REML", interval = "HK", prediction = "t-k-1"), pi = "t"),
  case("pritz-pr-dl", "pritz", rma2("PR", "xi=xi,ni=ni,data=pritz", 'method="DL"'), iv("PR", tau2 = "DL", interval = "wald", prediction = "none")),
  case("pritz-pft-reml", "pritz", rma2("PFT", "xi=xi,ni=ni,data=pritz", 'method="REML"'), iv("PFT", tau2 = "REML", interval = "wald", prediction = "none")),
  case("pignon-hr-common", "pignon", 'rma(yi=OmE/V,vi=1/V,data=pignon,method="EE")', list(measure = "HR", method = "PETO", model = "common")),
  case("pignon-hr-reml-by-type", "pignon", 'rma(yi=OmE/V,vi=1/V,data=pignon,method="REML",subset=%s,control=tight)', iv("HR", tau2 = "REML", interval = "wald", prediction = "none"), by = as.character(pignon$grp)),
  case("riley-hr-reml-hk", "riley", 'rma(yi,sei=sei,data=riley,method="REML",test="knha",control=tight)', iv("HR", tau2 = "REML", interval = "HK", prediction = "t-k-1"), pi = "t"),
  case("li-or-reml-hk", "li", rma2("OR", "ai=ai,n1i=n1i,ci=ci,n2i=n2i,data=li", 'method="REML",test="knha"'), iv("OR", tau2 = "REML", interval = "HK", prediction = "t-k-1"), pi = "t"),
  case("li-rr-dl", "li", rma2("RR", "ai=ai,n1i=n1i,ci=ci,n2i=n2i,data=li", 'method="DL"'), iv("RR", tau2 = "DL", interval = "wald", prediction = "none")))
numbers <- function(fit, pi) {
  random <- inherits(fit, "rma.uni") && fit$method != "EE"
  out <- list(k = fit$k, estimate = c(fit$beta), se = fit$se, ci_lower = fit$ci.lb, ci_upper = fit$ci.ub, p = fit$pval,
    q = fit$QE, q_p = fit$QEp, i2 = fit$I2 / 100, tau2 = if (random) fit$tau2)
  if (inherits(fit, "rma.uni") && fit$k > 1 && random) {
    limits <- confint(fit, control = list(tol = 1e-12, maxiter = 10000, tau2.max = 1e6))$random
    out <- c(out, list(tau2_limits = unname(limits["tau^2", 2:3]), i2_limits = unname(limits["I^2(%)", 2:3]) / 100))
  }
  if (inherits(fit, "rma.mh") || inherits(fit, "rma.peto")) out$i2 <- fit$I2 / 100
  if (!is.null(pi)) {
    p <- if (pi == "t" && fit$test == "z") predict(fit, pi.type = "t") else predict(fit)
    out$prediction <- c(p$pi.lb, p$pi.ub)
  }
  Filter(Negate(is.null), out)
}
run <- function(call, pi, by) eval(parse(text = call))
result <- function(each) {
  if (is.null(each$by)) return(list(overall = numbers(run(each$call), each$pi)))
  allocated <<- each$by
  all <- numbers(run(sprintf(each$call, "allocated==allocated")), NULL)
  levels <- unique(each$by)
  found <- lapply(levels, function(level) numbers(run(sprintf(each$call, sprintf('allocated=="%s"', level))), NULL))
  names(found) <- levels
  between <- rma(yi = sapply(found, `[[`, "estimate"), sei = sapply(found, `[[`, "se"), method = "EE")
  list(overall = all, subgroups = found, between = list(q = between$QE, df = between$k - 1, p = between$QEp))
}
made <- lapply(cases, function(each) c(each, list(result = suppressWarnings(result(each)))))
about <- sprintf("R %s, metafor %s", getRversion(), packageVersion("metafor"))
cat(jsonlite::toJSON(list(made_by = about, shapes = as.list(shape), data = columns, cases = made), auto_unbox = TRUE, digits = NA, pretty = 1), "\n")
