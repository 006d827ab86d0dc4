// Another OpenID provider, the certified npm package `oidc-provider`, for tests/journeys/test_another_provider.py.
// It is told in one argument (JSON) where it is, who its only client is, and who can log in there how, and ends with
// its standard input: with the tests that started it.
import { generateKeyPairSync, randomUUID } from "node:crypto";

import Provider from "oidc-provider";

const { port, client, people } = JSON.parse(process.argv[2]);
const issuer = `http://localhost:${port}`;
const scope = "openid profile nationalrbacaccess";

const signingKey = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" });

function page(heading, content) {
  return `<!doctype html><html lang="en-GB"><head><title>${heading}</title><link rel="icon" href="data:,">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <style>button { margin: 1em; padding: 1em }</style></head>
    <body><main><h1>${heading}</h1>${content}</main></body></html>`;
}

const provider = new Provider(issuer, {
  clients: [{
    ...client,
    grant_types: ["authorization_code"],
    response_types: ["code"],
    token_endpoint_auth_method: "private_key_jwt",
    token_endpoint_auth_signing_alg: "RS512",
    id_token_signed_response_alg: "RS256",
    backchannel_logout_session_required: true,
  }],
  jwks: { keys: [{ ...signingKey, use: "sig", alg: "RS256" }] },
  cookies: { keys: [randomUUID()] },
  enabledJWA: { clientAuthSigningAlgValues: ["RS512"] },
  pkce: { required: () => true },
  scopes: scope.split(" "),
  acrValues: ["AAL1_USERPASS", "AAL3_ANY", "AAL2_OR_AAL3_ANY"],
  claims: {
    openid: ["sub", "acr", "amr", "auth_time", "at_hash", "id_assurance_level", "authentication_assurance_level"],
  },
  features: {
    devInteractions: { enabled: false },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource(ctx, form) {
        ctx.body = page("Log out of the other provider",
          `${form}<button form="op.logoutForm" name="logout" value="yes">Log out</button>`);
      },
      postLogoutSuccessSource(ctx) {
        ctx.body = page("Logged out of the other provider", "");
      },
    },
  },
  interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (ctx, sub) => ({
    accountId: sub,
    claims: (use) => ({
      sub,
      ...people.find((person) => person.sub === sub).claims,
      // It puts a hash of this into the ID token; in this flow only where it is told to. Care Identity does.
      ...(use === "id_token" && { at_hash: ctx.oidc.entities.AccessToken.jti }),
    }),
  }),
  // Its dispatcher reaches no address of this machine, where the portal of the tests is.
  fetch: (url, { dispatcher, ...options }) => globalThis.fetch(url, options),
  // Nobody is asked whether the portal may know them.
  async loadExistingGrant(ctx) {
    const grant = new provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope(scope);
    await grant.save();
    return grant;
  },
});

// Its own page to log in: a button for each person.
provider.use(async (ctx, next) => {
  const [, folder, uid, chosen] = ctx.path.split("/");
  if (folder !== "interaction") {
    await next();
  } else if (ctx.method === "POST") {
    const { sub, acr, amr } = people[Number(chosen)];
    ctx.respond = false;
    await provider.interactionFinished(ctx.req, ctx.res, { login: { accountId: sub, acr, amr } });
  } else {
    const buttons = people.map(({ name }, i) =>
      `<form method="post" action="/interaction/${uid}/${i}"><button>${name}</button></form>`);
    ctx.body = page("Log in to the other provider", buttons.join(""));
  }
});

// What goes wrong here is seen by the tests only as what the portal makes of it.
for (const event of ["authorization.error", "grant.error", "userinfo.error", "backchannel.error", "server_error"]) {
  provider.on(event, (ctx, error) => console.error(event, error));
}

process.stdin.resume().on("end", () => process.exit());
provider.listen(port, "127.0.0.1");
