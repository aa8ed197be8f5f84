// HEAD is answered from the stored page, so this shows what the next reader will get.
const asked = performance.now();
void fetch(location.href, { method: 'HEAD' }).then((answer) => {
  const ms = (performance.now() - asked).toFixed(1);
  const age = answer.headers.get('age');
  const state = `Asked again: ${answer.headers.get('cache-status')}${age === null ? '' : `, age ${age} s`}, in ${ms} ms.`;
  document.getElementById('status').textContent = state;
});
