// Meta's SDK comes without types; this is the part that the benchmark calls.
declare module 'facebook-nodejs-business-sdk' {
  class UserData {
    setEmail(email: string): this;
    setPhones(phones: string[]): this;
    setFirstName(name: string): this;
    setLastName(name: string): this;
    setCity(city: string): this;
    setState(state: string): this;
    setZip(postcode: string): this;
    setCountry(country: string): this;
    setCtwaClid(clickId: string): this;
  }
  class Content {
    setId(id: string): this;
    setQuantity(quantity: number): this;
    setItemPrice(price: number): this;
  }
  class CustomData {
    setCurrency(currency: string): this;
    setValue(value: number): this;
    setOrderId(id: string): this;
    setContentType(type: string): this;
    setContentIds(ids: string[]): this;
    setContents(contents: Content[]): this;
  }
  class ServerEvent {
    setEventName(name: string): this;
    setEventTime(seconds: number): this;
    setEventId(id: string): this;
    setActionSource(source: string): this;
    setMessagingChannel(channel: string): this;
    setUserData(user: UserData): this;
    setCustomData(custom: CustomData): this;
    normalize(): Record<string, unknown>;
  }
  const sdk: {
    UserData: typeof UserData;
    Content: typeof Content;
    CustomData: typeof CustomData;
    ServerEvent: typeof ServerEvent;
  };
  export default sdk;
}
