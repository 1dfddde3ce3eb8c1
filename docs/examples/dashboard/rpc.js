// A request to va-driver, by the bridge.

const key = window.location.hash.slice(1);

/** The result of `method`; `onProgress` hears `{phase, done, total}`. Throws va-driver's error object. */
export async function rpc(method, params = {}, onProgress = undefined) {
  const request = { jsonrpc: '2.0', id: 1, method, params };
  if (onProgress) request.params = { ...params, progress: true };
  const response = await fetch('rpc', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Key': key },
    body: JSON.stringify(request),
  });
  if (!response.ok) throw { message: `the bridge answers ${response.status}: open the address that it has printed` };
  let answer;
  const take = (line) => {
    const message = line && JSON.parse(line);
    if (message.method === 'progress') onProgress?.(message.params);
    else if (message) answer = message;
  };
  let rest = '';
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const lines = (rest + part.value).split('\n');
    rest = lines.pop();
    lines.forEach(take);
  }
  take(rest);
  if (!answer) throw { message: 'va-driver ended without an answer' };
  if (answer.error) throw answer.error;
  return answer.result;
}
