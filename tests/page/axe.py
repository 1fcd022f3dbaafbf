"""How axe-core is asked, and what of its findings is kept."""

RUN_AXE = """async () => {
  const found = await axe.run(document, {resultTypes: ['violations']});
  const told = node => node.html.slice(0, 160) + ' ' + node.failureSummary.slice(0, 200);
  return found.violations.map(({id, impact, nodes}) => ({id, impact, nodes: nodes.map(told)}));
}"""
