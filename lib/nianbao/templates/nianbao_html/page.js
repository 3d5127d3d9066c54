/* What the page gains where scripts run: search, folding chapters, the entry of a clicked figure. Whole without it. */
'use strict';
(() => {
  const page = document, all = (query, from = page) => [...from.querySelectorAll(query)];
  const main = page.querySelector('main'), tools = page.querySelector('.tools');
  if (!main || !tools) return;
  const words = tools.dataset, box = page.getElementById('search'), told = page.getElementById('found');
  const chapters = all('.chapter', main);
  tools.hidden = false;

  /* Chapters fold under a button in their heading. */
  const fold = (chapter, shut) => {
    chapter.classList.toggle('shut', shut);
    chapter.querySelector('h2 button.fold')?.setAttribute('aria-expanded', String(!shut));
  };
  for (const chapter of chapters) {
    const heading = chapter.querySelector('h2');
    if (!heading) continue;
    const button = page.createElement('button');
    button.className = 'fold';
    button.setAttribute('aria-expanded', 'true');
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener('click', () => fold(chapter, !chapter.classList.contains('shut')));
  }
  const foldAll = page.getElementById('fold-all');
  foldAll.addEventListener('click', () => {
    const shut = chapters.some(chapter => !chapter.classList.contains('shut'));
    chapters.forEach(chapter => fold(chapter, shut));
    foldAll.textContent = shut ? words.unfold : words.fold;
  });
  const reveal = element => {
    const chapter = element?.closest('.chapter.shut');
    if (chapter) fold(chapter, false);
  };
  const follow = () => {
    const target = page.getElementById(decodeURIComponent(location.hash.slice(1)));
    reveal(target);
    target?.scrollIntoView();
  };
  addEventListener('hashchange', follow);
  if (location.hash) follow();
  page.addEventListener('click', event => {
    const link = event.target.closest?.('a[href^="#"]');
    if (link) reveal(page.getElementById(decodeURIComponent(link.hash.slice(1))));
  });

  /* On a narrow screen the contents start closed, and close behind a chosen chapter. */
  const contents = page.querySelector('.contents details'), narrow = matchMedia('(max-width: 74.99rem)');
  if (narrow.matches) contents.open = false;
  contents.addEventListener('click', event => {
    if (narrow.matches && event.target.closest('a')) contents.open = false;
  });

  /* Search: every place of the words in the text, shown one after the other. */
  const plain = text => text.normalize('NFKC').length === text.length ? text.normalize('NFKC').toLowerCase() : text.toLowerCase();
  let lines = null, hits = [], at = -1;
  const read = () => all('h2, h3, h4, h5, p, th, td, figcaption, svg text', main).filter(line => !line.querySelector('p, th')).map(line => {
    const nodes = [], walker = page.createTreeWalker(line, NodeFilter.SHOW_TEXT);
    let text = '';
    while (walker.nextNode()) {
      nodes.push([text.length, walker.currentNode]);
      text += walker.currentNode.data;
    }
    return {nodes, text: plain(text), line};
  });
  const place = (nodes, offset) => {
    let found = nodes[0];
    for (const entry of nodes) if (entry[0] <= offset) found = entry;
    return [found[1], offset - found[0]];
  };
  const range = hit => {
    const made = page.createRange(), [first, from] = place(hit.nodes, hit.start), [last, to] = place(hit.nodes, hit.end - 1);
    made.setStart(first, from);
    made.setEnd(last, to + 1);
    return made;
  };
  const marks = globalThis.CSS?.highlights && globalThis.Highlight;
  const mark = (name, ranges) => {
    if (!marks) return;
    if (ranges.length) CSS.highlights.set(name, new Highlight(...ranges));
    else CSS.highlights.delete(name);
  };
  const show = step => {
    if (!hits.length) return;
    at = (at + step + hits.length) % hits.length;
    const hit = hits[at], here = range(hit);
    reveal(hit.line);
    mark('here', [here]);
    if (!marks) {
      getSelection().removeAllRanges();
      getSelection().addRange(here);
    }
    hit.line.scrollIntoView({block: 'center', inline: 'nearest'});
    told.textContent = words.found.replace('{0}', at + 1).replace('{1}', hits.length);
  };
  const search = () => {
    const wanted = plain(box.value.trim());
    hits = [];
    at = -1;
    lines ??= read();
    if (wanted) for (const {nodes, text, line} of lines)
      for (let start = text.indexOf(wanted); start >= 0; start = text.indexOf(wanted, start + wanted.length))
        hits.push({nodes, line, start, end: start + wanted.length});
    mark('here', []);
    mark('found', hits.map(range));
    told.textContent = !wanted ? '' : hits.length ? words.hits.replace('{1}', hits.length) : words.none;
    for (const button of all('.step', tools)) button.disabled = !hits.length;
  };
  box.addEventListener('input', search);
  box.addEventListener('keydown', event => {
    if (event.key === 'Enter') {
      event.preventDefault();
      show(event.shiftKey ? -1 : 1);
    }
  });
  page.getElementById('next').addEventListener('click', () => show(1));
  page.getElementById('before').addEventListener('click', () => show(-1));

  /* A card of many villages or towns shows the clicked one's line. */
  page.addEventListener('click', event => {
    const button = event.target.closest?.('[popovertarget]');
    const entries = button ? all('p', page.getElementById(button.getAttribute('popovertarget'))) : [];
    if (entries.length < 2) return;
    const row = button.closest('tr')?.querySelector('th')?.textContent.trim(), figure = button.textContent.trim();
    const own = entries.filter(entry => ` ${entry.innerText} `.replaceAll('\n', ' ').includes(` ${figure} `));
    const chosen = own.find(entry => row && entry.textContent.startsWith(row + ' ')) ?? (own.length === 1 ? own[0] : null);
    entries.forEach(entry => entry.classList.toggle('chosen', entry === chosen));
    chosen?.scrollIntoView({block: 'nearest'});
  });
})();
