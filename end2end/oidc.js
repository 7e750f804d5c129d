// An OAuth server that others wrote (npm `oidc-provider`), as strict as it can be made, and beside it a list of one calendar that
// takes its tokens and no others. Started by tests/it/integrations/strict.rs with the client's id, secret and redirect URI; says on
// which port it listens.
import { createServer } from "node:http";
import Provider from "oidc-provider";

const [id, secret, redirectUri] = process.argv.slice(2);
const calendar = "https://www.googleapis.com/auth/calendar";

const server = createServer().listen(0, "127.0.0.1", () => {
  const { port } = server.address();
  const provider = new Provider(`http://127.0.0.1:${port}`, {
    clients: [
      {
        client_id: id,
        client_secret: secret,
        redirect_uris: [redirectUri],
        grant_types: ["authorization_code", "refresh_token"],
        token_endpoint_auth_method: "client_secret_post",
      },
    ],
    claims: { openid: ["sub"], email: ["email"] },
    conformIdTokenClaims: false,
    cookies: { keys: ["for the length of a test"] },
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, email: `${sub}@example.org` }) }),
    issueRefreshToken: () => true,
    pkce: { required: () => true },
    rotateRefreshToken: true,
    scopes: ["openid", "email", `${calendar}.calendarlist.readonly`, `${calendar}.freebusy`],
    ttl: { AccessToken: 3600, AuthorizationCode: 60, Grant: 86400, IdToken: 3600, Interaction: 600, RefreshToken: 86400, Session: 600 },
  });
  provider.use(async (context, next) => {
    if (!context.path.startsWith("/calendar/")) return next();
    const token = await provider.AccessToken.find((context.get("authorization") ?? "").replace("Bearer ", ""));
    context.status = token && !token.isExpired ? 200 : 401;
    context.body = token ? { items: [{ id: "one", summary: "One", primary: true, accessRole: "owner" }] } : {};
  });
  server.on("request", provider.callback());
  console.log(port);
});
