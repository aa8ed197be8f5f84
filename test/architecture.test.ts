import { describe, expect, it } from 'vitest';
import { checkImports, checkManifests } from './architecture/import-rules.ts';
import { checkDoors, checkSizes, checkTopLevel } from './architecture/layout-rules.ts';
import { readSources, readTracked, readWorkspaces } from './architecture/repository.ts';

const files = readSources();
const workspaces = readWorkspaces();

describe('the monorepo', () => {
  it('has the nine packages, and sources in each of them', () => {
    const packages = workspaces.filter((workspace) => workspace.dir.startsWith('packages/'));
    expect(packages.map((workspace) => workspace.manifest.name).sort()).toEqual(
      ['cli', 'core', 'inference', 'keyv', 'memory', 'query', 'redis', 'web', 'weights'].map(
        (name) => `@kvasir/${name}`,
      ),
    );
    for (const { dir } of packages) expect(files.some((file) => file.path.startsWith(`${dir}/src/`))).toBe(true);
  });

  it('imports along core <- adapters, core and memory <- middlewares, and by public names elsewhere', () => {
    expect(checkImports(files, workspaces)).toEqual([]);
  });

  it('declares no dependency against that direction, keeps core free of any, and leaves peers to the user', () => {
    expect(checkManifests(workspaces)).toEqual([]);
  });

  it('exports at the door only', () => {
    expect(checkDoors(files)).toEqual([]);
  });

  it('keeps files short', () => {
    expect(checkSizes(files)).toEqual([]);
  });

  it('has nothing at the top that does not belong there', () => {
    expect(checkTopLevel(readTracked())).toEqual([]);
  });
});
