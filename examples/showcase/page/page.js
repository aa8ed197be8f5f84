const scenarios = await (await fetch('api/scenarios')).json();
for (const scenario of scenarios) document.querySelector('#scenarios').append(buildCard(scenario));
void followStats();

function buildCard(scenario) {
  const card = document.querySelector('#scenario').content.cloneNode(true).querySelector('article');
  const part = (selector) => card.querySelector(selector);
  const buttons = card.querySelectorAll('button');
  let coldMs;

  part('h2').textContent = scenario.title;
  part('.what').textContent = scenario.what;
  part('.crowd').textContent = `Forget, ask ${scenario.crowd} at once`;
  if (scenario.link === undefined) part('.open').remove();
  else part('.open').href = scenario.link;

  async function forget() {
    await fetch(`api/scenarios/${scenario.id}/forget`, { method: 'POST' });
  }
  async function ask() {
    const answer = await time(scenario.request);
    show(answer);
  }
  async function askManyAtOnce() {
    await forget();
    const answers = await Promise.all(Array.from({ length: scenario.crowd }, () => time(scenario.request)));
    show(answers.reduce((slowest, answer) => (answer.ms > slowest.ms ? answer : slowest)));
    const loads = answers.filter(({ status }) => /fwd=(?!bypass)/.test(status) && !/collapsed/.test(status)).length;
    part('.ratio').textContent =
      `${scenario.crowd} requests, ${loads === 1 ? 'one of them did the work' : `${loads} did the work`}`;
  }
  function show({ ms, status, response, body }) {
    const isHit = /(^|[\s;])hit/.test(status);
    if (!isHit) coldMs = ms;
    part(`output.${isHit ? 'warm' : 'cold'}`).textContent = `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
    const longest = Math.max(coldMs ?? ms, ms);
    part(`.bar.${isHit ? 'warm' : 'cold'}`).style.width = `${Math.max(0.5, (70 * ms) / longest)}%`;
    part('.status').textContent = status === '' ? `HTTP ${response.status}` : status;
    const ratio = isHit && coldMs !== undefined ? coldMs / ms : 0;
    part('.ratio').textContent = ratio >= 1.5 ? `${ratio.toFixed(ratio < 10 ? 1 : 0)} times faster` : '';
    part('.answer').replaceChildren(render(scenario, response, body));
  }
  function run(work) {
    return async () => {
      for (const button of buttons) button.disabled = true;
      try {
        await work();
      } catch (error) {
        part('.answer').textContent = `No answer: ${error.message}`;
      } finally {
        for (const button of buttons) button.disabled = false;
      }
    };
  }
  part('.ask').onclick = run(ask);
  part('.crowd').onclick = run(askManyAtOnce);
  part('.forget').onclick = run(async () => {
    await forget();
    part('.status').textContent = 'forgotten: the next ask is cold';
    part('.ratio').textContent = '';
  });
  return card;
}

async function time({ path, ...init }) {
  const start = performance.now();
  const response = await fetch(path, init);
  const body = await response.arrayBuffer();
  return { ms: performance.now() - start, status: response.headers.get('cache-status') ?? '', response, body };
}

function render(scenario, response, body) {
  const type = response.headers.get('content-type') ?? '';
  const box = document.createElement('div');
  if (scenario.image !== undefined)
    box.append(Object.assign(new Image(), { src: scenario.image, alt: 'what is read' }));
  if (type.includes('html')) {
    const frame = Object.assign(document.createElement('iframe'), { srcdoc: new TextDecoder().decode(body) });
    frame.setAttribute('sandbox', '');
    box.append(frame);
    return box;
  }
  const text = type.includes('json')
    ? JSON.stringify(JSON.parse(new TextDecoder().decode(body)), undefined, 1)
    : type.startsWith('text/')
      ? new TextDecoder().decode(body)
      : `${body.byteLength.toLocaleString('en')} bytes of ${type || 'data'}`;
  box.append(Object.assign(document.createElement('pre'), { textContent: text.slice(0, 4000) }));
  return box;
}

async function followStats() {
  for (;;) {
    try {
      showStats(await (await fetch('api/stats', { cache: 'no-store' })).json());
      document.querySelector('#connection').textContent = '';
    } catch {
      document.querySelector('#connection').textContent = 'The server does not answer; trying again.';
    }
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

function showStats(stats) {
  const rows = Object.entries(stats).map(([name, { hits, misses, joins, loads, local }]) => {
    const asked = hits + misses + joins;
    const ratio = asked === 0 ? '–' : `${Math.round((100 * (hits + joins)) / asked)} %`;
    const memory = local === undefined ? '–' : formatBytes(local.bytes);
    const row = document.createElement('tr');
    for (const cell of [name, hits, misses, joins, loads, ratio, local?.entries ?? '–', memory])
      row.append(Object.assign(document.createElement('td'), { textContent: cell }));
    return row;
  });
  document.querySelector('#stats tbody').replaceChildren(...rows);
}

function formatBytes(bytes) {
  return bytes < 1024 * 1024 ? `${Math.round(bytes / 1024)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
